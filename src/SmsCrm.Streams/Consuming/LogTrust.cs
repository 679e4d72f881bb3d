using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace SmsCrm.Streams.Consuming;

/// <summary>
/// Whether the broker's logs are known to be the ones that this consumer knows: nothing is read or stored while that is in doubt. The
/// consumer's thread alone uses it.
/// </summary>
internal sealed class LogTrust(KafkaOptions kafka, ConsumerOptions options, LogIdentities identities, LogWatch watch, ConsumerState state, ILogger logger) : IDisposable
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(200);
    private static readonly HashSet<string> NoTopics = [];
    private int _answersFrom = 1;

    public bool IsGiven { get; private set; }

    /// <summary>What ended the client for good; null while it lives.</summary>
    public Error? Fatal { get; private set; }

    /// <summary>Any trouble may mean that the broker was replaced: only the answer to a question asked after it counts.</summary>
    public void Doubt(Error error)
    {
        if (IsGiven || error.IsFatal)
        {
            Log.ClientError(logger, options.Name, error.Code.ToString(), error.Reason);
        }
        else
        {
            Log.ClientErrorAgain(logger, options.Name, error.Code.ToString(), error.Reason);
        }

        if (error.IsFatal)
        {
            Fatal = error;
        }

        IsGiven = false;
        _answersFrom = watch.LastQuestion + 1;
        state.BrokerTrouble = $"Kafka at {kafka.BootstrapServers}: {error.Reason}";
    }

    /// <summary>Asks the broker about its logs, sooner while they are in doubt.</summary>
    public void AskIfDue() => watch.AskIfOlderThan(IsGiven ? TimeSpan.FromSeconds(kafka.LogCheckSeconds) : AskAgainAfter);

    /// <summary>Takes in an answer that has come; false where none has.</summary>
    /// <param name="replaced">The topics whose logs are others than before.</param>
    public bool TryHear(out IReadOnlySet<string> replaced)
    {
        var isHeard = watch.TryTake(out var report);
        replaced = isHeard ? Hear(report) : NoTopics;
        return isHeard;
    }

    /// <summary>Asks, and waits for the answer: none is trusted to be there when the time is over.</summary>
    /// <returns>The topics whose logs are others than before.</returns>
    public IReadOnlySet<string> AskAndHear(TimeSpan timeout)
    {
        watch.Ask();
        watch.Wait(timeout);
        TryHear(out var replaced);
        return replaced;
    }

    public void Dispose() => watch.Dispose();

    private IReadOnlySet<string> Hear(LogReport report)
    {
        if (report.Error is not null)
        {
            IsGiven = false;
            state.BrokerTrouble = $"Kafka at {kafka.BootstrapServers} does not answer: {report.Error}";
            return NoTopics;
        }

        var replaced = identities.Update(report.Ids);
        var missing = options.Topics.Where(t => !report.Ids.ContainsKey(t)).ToList();
        if (missing.Count > 0)
        {
            state.BrokerTrouble = $"Kafka at {kafka.BootstrapServers} lacks the topic {string.Join(" and ", missing)}: create it with 'smscrm topics'";
        }
        else if (report.Question >= _answersFrom && !IsGiven)
        {
            Log.BrokerAnswers(logger, options.Name);
            IsGiven = true;
            state.BrokerTrouble = null;
        }

        return replaced;
    }
}
