using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace Cclm.Tests.Shelves;

/// <summary>A request as the server saw it.</summary>
sealed record Seen(string Path, string? Range, string? IfRange, DateTime At);

/// <summary>ASP.NET's own static files on loopback, which know ranges and validators, and faults put before them.</summary>
sealed class FileServer : IAsyncDisposable
{
    readonly WebApplication application;
    readonly ConcurrentQueue<Func<HttpContext, RequestDelegate, Task>> faults = new();
    readonly ConcurrentQueue<Seen> seen = new();

    FileServer(WebApplication application) => this.application = application;

    public string Url => application.Urls.Single();

    /// <summary>The requests for archives, in order.</summary>
    public Seen[] Archives => [.. seen.Where(request => request.Path.EndsWith(".tar.gz", StringComparison.Ordinal))];

    public int Requests => seen.Count;

    /// <summary>Serves a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="add">Handles more than files.</param>
    public static async Task<FileServer> StartAsync(string folder, Action<WebApplication>? add = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var application = builder.Build();
        var server = new FileServer(application);
        application.Use(server.HandleAsync);
        add?.Invoke(application);
        application.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(folder), ServeUnknownFileTypes = true });
        await application.StartAsync();
        return server;
    }

    /// <summary>What happens to the next request for an archive, in order of the calls.</summary>
    public FileServer Next(Func<HttpContext, RequestDelegate, Task> fault)
    {
        faults.Enqueue(fault);
        return this;
    }

    public FileServer NextAnswers(int status, string? retryAfter = null) => Next((context, _) =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers.RetryAfter = retryAfter;
        return Task.CompletedTask;
    });

    /// <summary>The next answer ends after some bytes, once <paramref name="arrived"/>; then the connection is cut, or stays silent.</summary>
    public FileServer NextEndsAfter(int bytes, Task arrived, bool silent = false) => Next(async (context, next) =>
    {
        context.Response.Body = new ShortStream(context.Response.Body, bytes, async () =>
        {
            await arrived;
            if (silent)
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }
            context.Abort();
        });
        try
        {
            await next(context);
        }
        catch (OperationCanceledException)
        {
            // The client went away.
        }
    });

    public ValueTask DisposeAsync() => application.DisposeAsync();

    async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        seen.Enqueue(new(request.Path, request.Headers.Range, request.Headers.IfRange, DateTime.UtcNow));
        if (request.Path.Value!.EndsWith(".tar.gz", StringComparison.Ordinal) && faults.TryDequeue(out var fault))
        {
            await fault(context, next);
        }
        else
        {
            await next(context);
        }
    }

    /// <summary>Lets some bytes through, then does something else.</summary>
    sealed class ShortStream(Stream body, int bytes, Func<Task> then) : MemoryStream
    {
        int left = bytes;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var given = Math.Min(left, buffer.Length);
            await body.WriteAsync(buffer[..given], cancellationToken);
            await body.FlushAsync(cancellationToken);
            left -= given;
            if (left == 0)
            {
                await then();
                throw new OperationCanceledException();
            }
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => body.FlushAsync(cancellationToken);
    }
}
