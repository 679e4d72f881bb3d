using Microsoft.Extensions.Logging;

namespace SmsCrm.Pipeline.Provider;

/// <summary>Every log line of this room. Event ids 3100 to 3199.</summary>
internal static partial class Log
{
    [LoggerMessage(3100, LogLevel.Warning, "What became of the POST for {message}, attempt {attempt}, on account {account} is unknown: {detail}")]
    public static partial void OutcomeUnknown(ILogger logger, Guid message, int attempt, Guid account, string detail);

    [LoggerMessage(3101, LogLevel.Error, "Account {account} is out of order: the provider says {code}: {text}")]
    public static partial void AccountHalted(ILogger logger, Guid account, int code, string text);

    [LoggerMessage(3102, LogLevel.Warning, "The provider did not answer a {call} on account {account}: {detail}")]
    public static partial void NotAnswered(ILogger logger, string call, Guid account, string detail);

    [LoggerMessage(3110, LogLevel.Information, "Settings version {version}: {tenants} tenants, {accounts} accounts, {senders} senders")]
    public static partial void SettingsLoaded(ILogger logger, long version, int tenants, int accounts, int senders);

    [LoggerMessage(3111, LogLevel.Error, "Account {account} can't be used: {why}")]
    public static partial void AccountUnusable(ILogger logger, Guid account, string why);

    [LoggerMessage(3112, LogLevel.Warning, "Accounts and senders could not be read; those of version {version} stay in use")]
    public static partial void SettingsNotLoaded(ILogger logger, long version, Exception exception);

    [LoggerMessage(3113, LogLevel.Error, "The gate settings of tenant {tenant} can't be read: its messages wait until they are written again")]
    public static partial void RulesUnreadable(ILogger logger, Guid tenant);
}
