using System.Net.Sockets;

namespace SmsCrm.Pipeline.Provider;

/// <summary>Failures in a few words, without addresses or bodies.</summary>
internal static class Failures
{
    public static string Describe(Exception exception)
    {
        var cause = exception;
        while (cause is not HttpRequestException && cause.InnerException is { } inner)
        {
            cause = inner;
        }

        return cause switch
        {
            HttpRequestException { InnerException: SocketException socket } => $"connection: {socket.SocketErrorCode}",
            HttpRequestException http => $"connection: {http.HttpRequestError}",
            SocketException socket => $"connection: {socket.SocketErrorCode}",
            OperationCanceledException => "cancelled",
            PostNotBegunException notBegun => notBegun.Message,
            _ => cause.GetType().Name,
        };
    }
}
