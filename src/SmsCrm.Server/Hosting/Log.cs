namespace SmsCrm.Server.Hosting;

internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Information, "Serving {Roles} on {Address}: HTTP {HttpPort}, gRPC {GrpcPort}, metrics and health {MetricsPort}")]
    public static partial void Serving(ILogger logger, string roles, string address, int httpPort, int grpcPort, int metricsPort);

    [LoggerMessage(1002, LogLevel.Warning, "Waiting for Postgres: {Why}")]
    public static partial void WaitingForPostgres(ILogger logger, string why);

    [LoggerMessage(1003, LogLevel.Critical, "Sending is held: {Why}")]
    public static partial void SendingIsHeld(ILogger logger, string why);

    [LoggerMessage(1004, LogLevel.Error, "{Method} {Path} failed unexpectedly (trace {TraceId})")]
    public static partial void RequestFailed(ILogger logger, string method, string path, string traceId, Exception exception);
}
