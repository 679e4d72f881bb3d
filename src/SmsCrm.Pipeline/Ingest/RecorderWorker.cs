using Google.Protobuf;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Streams.Consuming;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>
/// Writes the <c>queued</c> row of whatever the pipeline has not reached a second after it was appended, so that a backlog is visible,
/// counted and cancellable, while in the steady state a message's row is written once, by its claim; and what campaigns are called. What can't be
/// read it passes over: the pipeline reads the same records and dead-letters them once.
/// </summary>
internal sealed class RecorderWorker(
    RequestRecorder recorder,
    IMessageLedger ledger,
    CampaignNames campaigns,
    IOptions<IngestOptions> options,
    IngestMetrics metrics,
    TimeProvider clock,
    ILogger<RecorderWorker> logger)
    : BackgroundService
{
    private const int MostRecords = 1_000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _delay = TimeSpan.FromMilliseconds(options.Value.RecorderDelayMs);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var due = new List<ConsumedRecord>();
        while (await recorder.Queue.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
        {
            while (recorder.Queue.TryPeek(out var next) && (due.Count == 0 || (due.Count + next.Count <= MostRecords && Wait(next) == TimeSpan.Zero)))
            {
                if (Wait(next) is { Ticks: > 0 } wait)
                {
                    await Task.Delay(wait, clock, stoppingToken).ConfigureAwait(false);
                }

                recorder.Queue.TryRead(out _);
                due.AddRange(next);
            }

            await RecordAsync(due, stoppingToken).ConfigureAwait(false);
            due.Clear();
        }
    }

    /// <summary>Until the delay of the batch's newest record is over; never longer than the delay, whatever the clocks say.</summary>
    private TimeSpan Wait(RecordBatch batch)
    {
        var newest = DateTimeOffset.FromUnixTimeMilliseconds(batch[^1].TimestampMs);
        var wait = newest + _delay - clock.GetUtcNow();
        return wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < _delay ? wait : _delay;
    }

    private async Task RecordAsync(List<ConsumedRecord> records, CancellationToken stopping)
    {
        var messages = new Dictionary<MessageId, AcceptedMessage>(records.Count);
        var namings = new List<CampaignNaming>();
        foreach (var record in records)
        {
            if (Read(record) is var (message, campaignName))
            {
                messages[message.Id] = message;
                if (campaignName.Length > 0)
                {
                    namings.Add(new CampaignNaming(message.Tenant, message.CampaignId, campaignName, message.Id));
                }
            }
        }

        while (messages.Count > 0)
        {
            try
            {
                await EnqueueMissingAsync(messages, stopping).ConfigureAwait(false);
                await campaigns.WriteAsync(namings, stopping).ConfigureAwait(false);
                break;
            }
            catch (Exception away) when (away is not OperationCanceledException || !stopping.IsCancellationRequested)
            {
                // Whatever it is: nothing is completed, the records stay in the window, and the partitions pause when that is full. Npgsql tells of a
                // connection that a refused statement left behind in exceptions of no type of its own.
                Log.RecorderHeld(logger, messages.Count, away.Message);
                await Task.Delay(Pause, clock, stopping).ConfigureAwait(false);
            }
        }

        foreach (var record in records)
        {
            record.Complete();
        }
    }

    /// <summary>A read costs a third of an insert that meets its row, and nearly every message has one by now.</summary>
    private async Task EnqueueMissingAsync(Dictionary<MessageId, AcceptedMessage> messages, CancellationToken stopping)
    {
        var rows = await ledger.ReadAsync([.. messages.Keys.Order()], stopping).ConfigureAwait(false);
        var missing = messages.Values.Where(m => !rows.ContainsKey(m.Id)).OrderBy(static m => m.Id).ToList();
        metrics.Recorded("there", messages.Count - missing.Count);
        if (missing.Count == 0)
        {
            return;
        }

        foreach (var result in await ledger.EnqueueAsync(missing, stopping).ConfigureAwait(false))
        {
            metrics.Recorded(RecorderResult(result.Result), 1);
            if (result.Result == TransitionResult.Unusable)
            {
                Log.NotRecorded(logger, result.Id, result.Error);
            }
        }
    }

    private (AcceptedMessage Message, string CampaignName)? Read(ConsumedRecord record)
    {
        try
        {
            var serialised = record.Value.ToArray();
            var request = RequestRecord.Parser.ParseFrom(serialised);
            return (AcceptedMessage.From(request, serialised), request.CampaignName);
        }
        catch (Exception unreadable) when (unreadable is FormatException or InvalidProtocolBufferException)
        {
            metrics.Recorded("unreadable", 1);
            Log.Unreadable(logger, record.Topic, record.Partition, record.Offset, unreadable.Message);
            return null;
        }
    }

    private static string RecorderResult(TransitionResult result) => result switch
    {
        TransitionResult.Won => "queued",
        TransitionResult.DuplicateOfFirst => "duplicate",
        TransitionResult.Unusable => "unusable",
        _ => "there",
    };
}
