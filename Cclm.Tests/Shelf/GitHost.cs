using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;

namespace Cclm.Tests.Shelves;

/// <summary>A bare repository on loopback: git's own http-backend as CGI, and the batch API of Git LFS (its specification, docs/api/batch.md, transfer "basic").</summary>
static class GitHost
{
    /// <summary>Makes a bare repository that can be pushed to over HTTP.</summary>
    public static string MakeRepository(TempFolder folder)
    {
        Require();
        var repository = Directory.CreateDirectory(folder["git/models.git"]).FullName;
        Run(repository, "init", "--quiet", "--bare", "--initial-branch=main", ".");
        Run(repository, "config", "http.receivepack", "true");
        return repository;
    }

    /// <summary>Serves the repositories of a folder; objects of Git LFS lie beside them.</summary>
    public static Action<WebApplication> Serve(string root) => application =>
    {
        var objects = Directory.CreateDirectory(Path.Combine(root, "lfs")).FullName;
        application.MapPost("/{repository}/info/lfs/objects/batch", (Delegate)((HttpContext context) => Batch(context, objects)));
        application.MapPut("/lfs/{oid}", async (string oid, HttpContext context) =>
        {
            using var file = File.Create(Path.Combine(objects, oid));
            await context.Request.Body.CopyToAsync(file);
        });
        application.MapGet("/lfs/{oid}", (string oid) => Results.File(Path.Combine(objects, oid), enableRangeProcessing: true));
        application.Map("/{repository}/{**rest}", (HttpContext context, string rest) => rest.StartsWith("info/lfs", StringComparison.Ordinal)
            ? Results.NotFound().ExecuteAsync(context) : Cgi(context, root));
    };

    /// <summary>Runs git, whose committer the tests name.</summary>
    public static string Run(string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, string.Join(' ', arguments));
        return output.Trim();
    }

    static void Require()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("git", ["lfs", "version"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
            if (process.ExitCode == 0)
            {
                return;
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no git at all.
        }
        Assert.Ignore("git or git-lfs is missing; install them to test shelves in git repositories.");
    }

    static async Task<IResult> Batch(HttpContext context, string objects)
    {
        var request = (await JsonNode.ParseAsync(context.Request.Body))!;
        var upload = (string?)request["operation"] == "upload";
        var answers = new JsonArray();
        foreach (var wanted in request["objects"]!.AsArray())
        {
            var (oid, size) = ((string)wanted!["oid"]!, (long)wanted["size"]!);
            var there = File.Exists(Path.Combine(objects, oid));
            var answer = new JsonObject { ["oid"] = oid, ["size"] = size };
            if (!upload && !there)
            {
                answer["error"] = new JsonObject { ["code"] = 404, ["message"] = "There is no such object." };
            }
            else if (!(upload && there))
            {
                answer["actions"] = new JsonObject { [upload ? "upload" : "download"] = new JsonObject { ["href"] = $"http://{context.Request.Host}/lfs/{oid}" } };
            }
            answers.Add(answer);
        }
        return Results.Text(new JsonObject { ["transfer"] = "basic", ["objects"] = answers }.ToJsonString(), "application/vnd.git-lfs+json");
    }

    /// <summary>RFC 3875, as far as http-backend needs it.</summary>
    static async Task Cgi(HttpContext context, string root)
    {
        var start = new ProcessStartInfo("git", ["http-backend"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)
            [("GIT_PROJECT_ROOT", root), ("GIT_HTTP_EXPORT_ALL", "1"), ("PATH_INFO", context.Request.Path), ("QUERY_STRING", context.Request.QueryString.Value?.TrimStart('?')),
             ("REQUEST_METHOD", context.Request.Method), ("CONTENT_TYPE", context.Request.ContentType), ("CONTENT_LENGTH", $"{context.Request.ContentLength}"),
             ("HTTP_CONTENT_ENCODING", context.Request.Headers.ContentEncoding), ("GIT_PROTOCOL", context.Request.Headers["Git-Protocol"])])
        {
            start.Environment[name] = value;
        }
        using var process = Process.Start(start)!;
        var input = Task.Run(async () =>
        {
            await context.Request.Body.CopyToAsync(process.StandardInput.BaseStream);
            process.StandardInput.Close();
        });
        using var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await input;
        var bytes = output.ToArray();
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        foreach (var line in System.Text.Encoding.ASCII.GetString(bytes.AsSpan(0, end)).Split("\r\n"))
        {
            var (name, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]);
            if (name == "Status")
            {
                context.Response.StatusCode = int.Parse(value[..3], System.Globalization.CultureInfo.InvariantCulture);
            }
            else
            {
                context.Response.Headers[name] = value;
            }
        }
        await context.Response.Body.WriteAsync(bytes.AsMemory(end + 4));
    }
}
