using System.Globalization;
using Cclm.Inference;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace EmbeddingService.Api;

/// <summary>Answers what goes wrong in OpenAI's form, with the status code that it has in HTTP.</summary>
sealed class Errors(IOptions<ServiceOptions> options, ILogger<Errors> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        await WriteAsync(httpContext, Answer(exception));
        return true;
    }

    /// <summary>For answers that ASP.NET gives without a body: no such address, no such method, not JSON.</summary>
    public static Task WriteStatusAsync(HttpContext context) => WriteAsync(context, ApiException.Refused(context.Response.StatusCode, context.Response.StatusCode switch
    {
        StatusCodes.Status415UnsupportedMediaType => $"Content-Type is {context.Request.ContentType ?? "missing"}; expected application/json.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Path} does not answer {context.Request.Method}; expected {context.Response.Headers.Allow}.",
        _ => $"{context.Request.Method} {context.Request.Path} is not answered here; /openapi/v1.json says what is.",
    }));

    public static Task WriteAsync(HttpContext context, ApiException error)
    {
        context.Response.StatusCode = error.Status;
        if (error.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }
        return context.Response.WriteAsJsonAsync(new ErrorAnswer(error.Error), ApiJson.Default.ErrorAnswer);
    }

    ApiException Answer(Exception exception)
    {
        switch (exception)
        {
            case ApiException known:
                return known;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return ApiException.Refused(StatusCodes.Status413PayloadTooLarge, $"The request's body has more than {options.Value.MaxBodyBytes} bytes. Send less at once.");
            case BadHttpRequestException bad:
                return ApiException.Refused(bad.StatusCode, bad.Message);
            case CclmQueueFullException full:
                return ApiException.Busy(full.Message, full.RetryAfter);
            case TimeoutException late:
                return ApiException.Unavailable(late.Message);
            case ObjectDisposedException:
                return ApiException.Unavailable("The service is being stopped.");
            default:
                logger.LogError(exception, "A request failed.");
                return ApiException.Failed();
        }
    }
}
