using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace SmsCrm.Streams.Consuming;

/// <summary>What the broker said about the topics: their ids, or why it said nothing.</summary>
/// <param name="Question">Number of the question that it answers.</param>
/// <param name="Ids">By topic; without those that do not exist.</param>
/// <param name="Error">Null when the broker answered.</param>
internal sealed record LogReport(int Question, IReadOnlyDictionary<string, string> Ids, string? Error);

/// <summary>
/// Asks the broker for the topics' ids: a log with another id is another log, whatever its offsets say. Also the sign of
/// life that a client without traffic lacks.
/// </summary>
internal sealed class LogWatch(IAdminClient admin, IReadOnlyList<string> topics, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(2);
    private readonly ManualResetEventSlim _answered = new(initialState: false);
    private LogReport? _report;
    private int _asking;
    private long _askedAt;

    /// <summary>Number of the last question asked; the first is 1.</summary>
    public int LastQuestion { get; private set; }

    /// <summary>Asks, unless a question is open already. The answer comes by <see cref="TryTake"/>.</summary>
    public void Ask()
    {
        if (Interlocked.Exchange(ref _asking, 1) == 0)
        {
            _askedAt = time.GetTimestamp();
            _answered.Reset();
            _ = AskAsync(++LastQuestion);
        }
    }

    public void AskIfOlderThan(TimeSpan age)
    {
        if (time.GetElapsedTime(_askedAt) > age)
        {
            Ask();
        }
    }

    public bool TryTake(out LogReport report)
    {
        report = Interlocked.Exchange(ref _report, null)!;
        return report is not null;
    }

    /// <summary>For the consumer's thread, which may block: waits for the answer of the question asked.</summary>
    public void Wait(TimeSpan timeout) => _answered.Wait(timeout);

    public void Dispose()
    {
        admin.Dispose();
        _answered.Dispose();
    }

    private async Task AskAsync(int question)
    {
        LogReport report;
        try
        {
            var result = await admin.DescribeTopicsAsync(
                TopicCollection.OfTopicNames(topics), new DescribeTopicsOptions { RequestTimeout = RequestTimeout }).ConfigureAwait(false);
            report = new LogReport(question, IdsOf(result.TopicDescriptions), null);
        }
        catch (DescribeTopicsException e)
        {
            var unknown = e.Results.TopicDescriptions.Where(t => t.Error.Code is not (ErrorCode.NoError or ErrorCode.UnknownTopicOrPart));
            report = new LogReport(question, IdsOf(e.Results.TopicDescriptions), unknown.FirstOrDefault()?.Error.Reason);
        }
        catch (Exception e) when (e is KafkaException or ObjectDisposedException or InvalidOperationException)
        {
            report = new LogReport(question, new Dictionary<string, string>(), e.Message);
        }

        Volatile.Write(ref _report, report);
        Volatile.Write(ref _asking, 0);
        try
        {
            _answered.Set();
        }
        catch (ObjectDisposedException)
        {
            // The consumer was closed while the question was open: nobody waits for the answer.
        }
    }

    private static Dictionary<string, string> IdsOf(IEnumerable<TopicDescription> topics) =>
        topics.Where(t => !t.Error.IsError).ToDictionary(t => t.Name, t => t.TopicId.ToString(), StringComparer.Ordinal);
}
