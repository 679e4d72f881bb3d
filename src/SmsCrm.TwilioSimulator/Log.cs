using Microsoft.Extensions.Logging;

namespace SmsCrm.TwilioSimulator;

/// <summary>What the simulator logs. No phone number, no text, no token.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Twilio simulator: {Messages} messages read from the ledger in {ElapsedMs} ms")]
    public static partial void LedgerRead(ILogger logger, int messages, long elapsedMs);

    [LoggerMessage(2, LogLevel.Warning, "Twilio simulator: {Bytes} bytes at the ledger's end were unfinished and are cut off")]
    public static partial void LedgerCutOff(ILogger logger, long bytes);

    [LoggerMessage(3, LogLevel.Debug, "Twilio simulator: callback to {Authority} given up after {Attempts} attempts: {Failure}")]
    public static partial void CallbackGivenUp(ILogger logger, string authority, int attempts, Callbacks.RetryCauses failure);

    [LoggerMessage(4, LogLevel.Error, "Twilio simulator: a request could not be answered")]
    public static partial void RequestFailed(ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Error, "Twilio simulator: a callback could not be sent")]
    public static partial void CallbackBroke(ILogger logger, Exception exception);
}
