using System.Net;
using System.Net.Http.Headers;
using Polly.Timeout;

namespace Cclm.Inference;

/// <summary>Downloads files that may be large over connections that may break: what has come is kept, and gone on with.</summary>
/// <remarks>
/// A file that is not whole goes on by <c>Range</c> and <c>If-Range</c> (RFC 9110, sections 13.1.5 and 14.2), so that bytes of two
/// versions never meet; a server without ranges or without a validator begins again. The validator lies beside the file.
/// </remarks>
sealed class Download(HttpClient http, ShelfOptions options)
{
    const int BufferBytes = 128 << 10;

    /// <summary>Downloads to a file, going on with what is there.</summary>
    /// <returns>Whether there is such a file.</returns>
    /// <exception cref="ShelfException">The server refused, or could not be reached after all retries.</exception>
    public async Task<bool> FetchAsync(Uri url, string target, long maxBytes, Action<(long Here, long? Total)> progress, CancellationToken cancellation)
    {
        for (var failures = 0; ;)
        {
            var before = Length(target);
            try
            {
                return await TryAsync(url, target, maxBytes, progress, cancellation).ConfigureAwait(false);
            }
            catch (BrokenOffException e)
            {
                failures = Length(target) > before ? 1 : failures + 1;      // whatever brings bytes may go on for as long as it takes
                if (failures > options.Retries)
                {
                    throw new ShelfException($"The download of {Show(url)} broke off {failures} times at byte {Length(target):N0}: {e.Message} Try again later; it goes on from there.", e);
                }
                await Task.Delay(options.Backoff * Math.Pow(2, failures - 1), cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The address without a password in it.</summary>
    public static string Show(Uri url) => url.IsAbsoluteUri ? url.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped) : url.OriginalString;

    async Task<bool> TryAsync(Uri url, string target, long maxBytes, Action<(long, long?)> progress, CancellationToken cancellation)
    {
        using var response = await SendAsync(url, target, cancellation).ConfigureAwait(false);
        switch (response.StatusCode)
        {
            case HttpStatusCode.NotFound or HttpStatusCode.Gone:
                return false;
            case HttpStatusCode.RequestedRangeNotSatisfiable when response.Content.Headers.ContentRange?.Length == Length(target):
                return true;        // all of it was here
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                Forget(target);
                throw new BrokenOffException("The server has less than was fetched before.");
            case HttpStatusCode.OK:
                Forget(target);
                Remember(target, response);
                break;
            case HttpStatusCode.PartialContent when response.Content.Headers.ContentRange?.From == Length(target):
                break;
            case HttpStatusCode.PartialContent:
                Forget(target);
                throw new BrokenOffException("The server sent another part of the file than was asked for.");
            default:
                throw new ShelfException($"{Show(url)} answered {(int)response.StatusCode} ({response.ReasonPhrase}). " +
                    (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? "Give credentials that may read it." : "Try again later, or ask whoever runs the server."));
        }
        var total = response.Content.Headers.ContentRange?.Length ?? (response.StatusCode == HttpStatusCode.OK ? response.Content.Headers.ContentLength : null);
        await CopyAsync(response, target, maxBytes, total, progress, cancellation).ConfigureAwait(false);
        return true;
    }

    async Task<HttpResponseMessage> SendAsync(Uri url, string target, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (Length(target) is var here and > 0 && RangeConditionHeaderValue.TryParse(Recall(target), out var validator))
        {
            request.Headers.Range = new(here, null);
            request.Headers.IfRange = validator;
        }
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException)
        {
            throw new ShelfException($"{Show(url)} can not be reached: {e.Message} Check the address and the network; items in the cache can be used offline.", e);
        }
    }

    async Task CopyAsync(HttpResponseMessage response, string target, long maxBytes, long? total, Action<(long, long?)> progress, CancellationToken cancellation)
    {
        using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using var file = new FileStream(target, FileMode.Append, FileAccess.Write, FileShare.None);
        var buffer = new byte[BufferBytes];
        progress((file.Length, total));
        for (int read; (read = await ReadAsync(body, buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            if (file.Length + read > maxBytes)
            {
                throw IShelfTag.TooLong(Show(response.RequestMessage!.RequestUri!), maxBytes);
            }
            await file.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            progress((file.Length, total));
        }
        file.Flush(flushToDisk: true);
        if (total is not null && file.Length != total)
        {
            throw new BrokenOffException($"{file.Length:N0} of {total:N0} bytes came.");
        }
    }

    /// <summary>One read that does not wait for ever; what goes wrong here is the connection's, unlike a full disk.</summary>
    async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken cancellation)
    {
        using var stalled = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stalled.CancelAfter(options.StallTimeout);
        try
        {
            return await body.ReadAsync(buffer, stalled.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new BrokenOffException($"Nothing came for {options.StallTimeout.TotalSeconds:0.#} s.", e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new BrokenOffException(e.Message, e);
        }
    }

    static long Length(string target) => new FileInfo(target) is { Exists: true } file ? file.Length : 0;

    static string ValidatorFile(string target) => $"{target}.validator";

    /// <summary>A weak validator may stand for two contents (RFC 9110, 8.8.1), so it is none here.</summary>
    static void Remember(string target, HttpResponseMessage response)
    {
        if ((response.Headers.ETag is { IsWeak: false } etag ? etag.Tag : response.Headers.ETag is null ? response.Content.Headers.LastModified?.ToString("r") : null) is { } validator)
        {
            File.WriteAllText(ValidatorFile(target), validator);
        }
    }

    static string? Recall(string target) => File.Exists(ValidatorFile(target)) ? File.ReadAllText(ValidatorFile(target)) : null;

    /// <summary>Deletes what came of a file, the last byte and the validator.</summary>
    public static void Forget(string target)
    {
        File.Delete(ValidatorFile(target));
        File.Delete(target);
    }

    /// <summary>A connection that ended or fell silent; the download may go on.</summary>
    sealed class BrokenOffException(string message, Exception? inner = null) : Exception(message, inner);
}
