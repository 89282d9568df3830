namespace EmbeddingService.Api;

/// <summary>What an OpenAI client is told of a request that is not answered.</summary>
sealed record ErrorAnswer(ErrorDetail Error);

/// <param name="Message">What was found, what was expected, what to do.</param>
/// <param name="Type">invalid_request_error, rate_limit_error or server_error.</param>
/// <param name="Param">The field that it is about.</param>
/// <param name="Code">What a program can tell it by.</param>
sealed record ErrorDetail(string Message, string Type, string? Param, string? Code);

/// <summary>A request that is answered with an error.</summary>
sealed class ApiException(int status, ErrorDetail error, TimeSpan? retryAfter = null) : Exception(error.Message)
{
    public int Status => status;

    public ErrorDetail Error => error;

    /// <summary>After what time to try again; null where that would not help.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    public static ApiException Invalid(string message, string? param = null, string? code = null) =>
        Refused(StatusCodes.Status400BadRequest, message, param, code);

    public static ApiException Refused(int status, string message, string? param = null, string? code = null) =>
        new(status, new(message, "invalid_request_error", param, code));

    public static ApiException NoSuchModel(string asked, string served) =>
        Refused(StatusCodes.Status404NotFound, $"The model '{asked}' is not served here; there is '{served}'.", "model", "model_not_found");

    public static ApiException Busy(string message, TimeSpan retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, new(message, "rate_limit_error", null, "rate_limit_exceeded"), retryAfter);

    public static ApiException Unavailable(string message) =>
        new(StatusCodes.Status503ServiceUnavailable, new(message, "server_error", null, "unavailable"), TimeSpan.FromSeconds(1));

    public static ApiException Failed() =>
        new(StatusCodes.Status500InternalServerError, new("The service failed; its log says why.", "server_error", null, null));
}
