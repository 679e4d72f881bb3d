using System.Collections.Concurrent;
using System.Globalization;
using Grpc.Core;
using SmsCrm.Contracts.V1;

namespace SmsCrm.Chaos;

/// <summary>
/// An upstream system as it should be: streams its texts with idempotency keys, and when the stream breaks opens another and sends again
/// whatever was not answered.
/// </summary>
internal sealed class UpstreamSender(MessageIngest.MessageIngestClient api, Metadata headers, int count, string campaign)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly ConcurrentDictionary<int, string> _accepted = new();
    private int _released = int.MaxValue;

    /// <summary>How often a stream broke.</summary>
    public int Breaks { get; private set; }

    /// <summary>Answered so far.</summary>
    public int Accepted => _accepted.Count;

    /// <summary>How many of the texts may be sent by now; at first all of them.</summary>
    public int Released
    {
        get => Volatile.Read(ref _released);
        set => Volatile.Write(ref _released, value);
    }

    /// <summary>The number that a text goes to: each has its own.</summary>
    public static string Recipient(int number) => string.Create(CultureInfo.InvariantCulture, $"+1212{5550000 + number}");

    /// <summary>The ids of all texts, each by its number.</summary>
    /// <exception cref="InvalidDataException">A text was refused for good, or got another id than before.</exception>
    public async Task<IReadOnlyDictionary<int, string>> RunAsync(CancellationToken cancellation)
    {
        while (_accepted.Count < count)
        {
            var before = Accepted;
            try
            {
                await StreamMissingAsync(cancellation).ConfigureAwait(false);
            }
            catch (Exception broken) when (broken is RpcException or HttpRequestException or IOException or InvalidOperationException && !cancellation.IsCancellationRequested)
            {
                Breaks++;
            }

            if (Accepted == before)
            {
                await Task.Delay(Pause, cancellation).ConfigureAwait(false);
            }
        }

        return _accepted;
    }

    private async Task StreamMissingAsync(CancellationToken cancellation)
    {
        using var stream = api.SendStream(headers, cancellationToken: cancellation);
        var reading = ReadAsync(stream.ResponseStream, cancellation);
        for (var number = 0; number < Math.Min(count, Released) && !reading.IsCompleted; number++)
        {
            if (!_accepted.ContainsKey(number))
            {
                await stream.RequestStream.WriteAsync(Text(number), cancellation).ConfigureAwait(false);
            }
        }

        await stream.RequestStream.CompleteAsync().ConfigureAwait(false);
        await reading.ConfigureAwait(false);
    }

    private async Task ReadAsync(IAsyncStreamReader<SendResult> answers, CancellationToken cancellation)
    {
        await foreach (var answer in answers.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            var number = int.Parse(answer.ClientReference, CultureInfo.InvariantCulture);
            if (answer.Accepted is { } accepted)
            {
                if (_accepted.GetOrAdd(number, accepted.MessageId) is var first && first != accepted.MessageId)
                {
                    throw new InvalidDataException($"Text {number} was accepted as {first} and as {accepted.MessageId}");
                }
            }
            else if ((StatusCode)answer.Error.Code is not (StatusCode.Unavailable or StatusCode.ResourceExhausted))
            {
                // Only what says try again is sent again.
                throw new InvalidDataException($"Text {number} was refused: {answer.Error.Message}");
            }
        }
    }

    private SendRequest Text(int number) => new()
    {
        To = Recipient(number),
        Body = string.Create(CultureInfo.InvariantCulture, $"Text {number} of {campaign}"),
        Purpose = Purpose.Transactional,
        CampaignId = campaign,
        ClientReference = number.ToString(CultureInfo.InvariantCulture),
        IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"{campaign}-{number}"),
    };
}
