using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace SmsCrm.Streams;

/// <summary>Every log line of this room. Event ids 2000 to 2099.</summary>
internal static partial class Log
{
    /// <summary>
    /// librdkafka's own lines. Those about connections and commits are many while a broker is away, and come as errors too.
    /// </summary>
    public static void Client(ILogger logger, string client, LogMessage message) => ClientSays(
        logger,
        message.Facility is "FAIL" or "ERROR" or "COMMITFAIL" || message.Level > SyslogLevel.Warning ? LogLevel.Debug
            : message.Level <= SyslogLevel.Critical ? LogLevel.Error
            : LogLevel.Warning,
        client,
        message.Facility,
        message.Message);

    [LoggerMessage(EventId = 2000, Message = "Kafka client {client}: {facility} {text}")]
    private static partial void ClientSays(ILogger logger, LogLevel level, string client, string facility, string text);

    [LoggerMessage(2001, LogLevel.Warning, "Kafka client {client} reports {code}: {reason}")]
    public static partial void ClientError(ILogger logger, string client, string code, string reason);

    [LoggerMessage(2004, LogLevel.Debug, "Kafka client {client} still reports {code}: {reason}")]
    public static partial void ClientErrorAgain(ILogger logger, string client, string code, string reason);

    [LoggerMessage(2005, LogLevel.Information, "Kafka client {client} has its brokers and topics")]
    public static partial void BrokerAnswers(ILogger logger, string client);

    [LoggerMessage(2002, LogLevel.Error, "The Kafka producer died and was replaced: {reason}")]
    public static partial void ProducerReplaced(ILogger logger, string reason);

    [LoggerMessage(2003, LogLevel.Error, "Consumer {consumer} died and starts again in {delayMs} ms: {reason}")]
    public static partial void ConsumerReplaced(ILogger logger, string consumer, int delayMs, string reason);

    [LoggerMessage(2010, LogLevel.Information, "Consumer {consumer} reads {topic}[{partition}] from offset {offset} ({reason})")]
    public static partial void Assigned(ILogger logger, string consumer, string topic, int partition, long offset, string reason);

    [LoggerMessage(2011, LogLevel.Information, "Consumer {consumer} gives up {topic}[{partition}] at offset {offset}; {inWork} records in work are left to the next")]
    public static partial void Revoked(ILogger logger, string consumer, string topic, int partition, long offset, int inWork);

    [LoggerMessage(2012, LogLevel.Warning, "Consumer {consumer} lost {topic}[{partition}] at offset {offset}; {inWork} records in work will be read again")]
    public static partial void Lost(ILogger logger, string consumer, string topic, int partition, long offset, int inWork);

    [LoggerMessage(2013, LogLevel.Error, "Consumer {consumer}: {topic}[{partition}] has lost {lost} unread records before offset {offset}: redrive what was accepted")]
    public static partial void RecordsLost(ILogger logger, string consumer, string topic, int partition, long offset, long lost);

    [LoggerMessage(2014, LogLevel.Error, "Consumer {consumer}: {topic}[{partition}] is another log than before; it is read from offset {offset} on")]
    public static partial void AnotherLog(ILogger logger, string consumer, string topic, int partition, long offset);

    [LoggerMessage(2015, LogLevel.Warning, "Consumer {consumer} could not commit, and tries again: {reason}")]
    public static partial void CommitFailed(ILogger logger, string consumer, string reason);

    [LoggerMessage(2020, LogLevel.Error, "Consumer {consumer}: a batch of {count} records failed and is handled again in {delayMs} ms")]
    public static partial void BatchFailed(ILogger logger, Exception exception, string consumer, int count, int delayMs);

    [LoggerMessage(2040, LogLevel.Error, "Record {topic}[{partition}]@{offset} can't be used and goes to the dead letters: {why}")]
    public static partial void Unreadable(ILogger logger, string topic, int partition, long offset, string why);

    [LoggerMessage(2041, LogLevel.Warning, "A dead letter could not be appended, trying again: {why}")]
    public static partial void DeadLetterNotAppended(ILogger logger, string? why);

    [LoggerMessage(2030, LogLevel.Information, "The embedded Kafka broker listens on {address}; it keeps everything in memory")]
    public static partial void EmbeddedStarted(ILogger logger, string address);

    [LoggerMessage(2031, LogLevel.Information, "Apache Kafka (process {pid}) answers on {address}")]
    public static partial void ManagedStarted(ILogger logger, int pid, string address);
}
