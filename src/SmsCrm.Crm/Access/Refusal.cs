using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace SmsCrm.Crm.Access;

/// <summary>How a refused request is told so, over REST and over gRPC.</summary>
/// <param name="GrpcStatus">A google.rpc.Code.</param>
internal sealed record Refusal(int HttpStatus, int GrpcStatus, string Title)
{
    public static readonly Refusal Unauthenticated = new(StatusCodes.Status401Unauthorized, 16, "Unauthenticated");
    public static readonly Refusal Forbidden = new(StatusCodes.Status403Forbidden, 7, "Forbidden");
    public static readonly Refusal Unavailable = new(StatusCodes.Status503ServiceUnavailable, 14, "Unavailable");

    public static Task WriteAsync(HttpContext context, Refusal refusal, string detail)
    {
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
        {
            return WriteGrpcAsync(context.Response, refusal, detail);
        }

        return TypedResults.Problem(detail, statusCode: refusal.HttpStatus, title: refusal.Title, type: "about:blank").ExecuteAsync(context);
    }

    /// <summary>A response of headers only, as gRPC over HTTP/2 has it: HTTP status 200, the outcome in grpc-status.</summary>
    private static Task WriteGrpcAsync(HttpResponse response, Refusal refusal, string detail)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = refusal.GrpcStatus.ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = PercentEncoded(detail);
        return response.CompleteAsync();
    }

    private static string PercentEncoded(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var unit in Encoding.UTF8.GetBytes(text))
        {
            if (unit is >= 0x20 and <= 0x7e and not (byte)'%')
            {
                encoded.Append((char)unit);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{unit:X2}");
            }
        }

        return encoded.ToString();
    }
}
