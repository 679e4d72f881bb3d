using System.Collections.Concurrent;
using System.Globalization;
using Grpc.Core;
using SmsCrm.Contracts.V1;

namespace SmsCrm.EndToEndTests;

/// <summary>
/// An upstream system as it should be: streams its texts with idempotency keys, and when the stream breaks opens another and sends again
/// whatever was not answered.
/// </summary>
internal sealed class ResilientSender(Api api, int count, string campaign)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly ConcurrentDictionary<int, string> _accepted = new();

    /// <summary>How often a stream broke.</summary>
    public int Breaks { get; private set; }

    /// <summary>Answered so far.</summary>
    public int Accepted => _accepted.Count;

    /// <summary>The ids of all texts, each by its number.</summary>
    public async Task<IReadOnlyDictionary<int, string>> RunAsync(CancellationToken cancellation)
    {
        while (_accepted.Count < count)
        {
            try
            {
                await StreamMissingAsync(cancellation);
            }
            catch (Exception broken) when (broken is RpcException or IOException or InvalidOperationException && !cancellation.IsCancellationRequested)
            {
                Breaks++;
                await Task.Delay(Pause, cancellation);
            }
        }

        return _accepted;
    }

    private async Task StreamMissingAsync(CancellationToken cancellation)
    {
        using var stream = api.Grpc.SendStream(api.Headers, cancellationToken: cancellation);
        var reading = ReadAsync(stream.ResponseStream, cancellation);
        for (var number = 0; number < count && !reading.IsCompleted; number++)
        {
            if (!_accepted.ContainsKey(number))
            {
                await stream.RequestStream.WriteAsync(Text(number), cancellation);
            }
        }

        await stream.RequestStream.CompleteAsync();
        await reading;
    }

    private async Task ReadAsync(IAsyncStreamReader<SendResult> answers, CancellationToken cancellation)
    {
        await foreach (var answer in answers.ReadAllAsync(cancellation))
        {
            var number = int.Parse(answer.ClientReference, CultureInfo.InvariantCulture);
            if (answer.Accepted is { } accepted)
            {
                var first = _accepted.GetOrAdd(number, accepted.MessageId);
                Assert.Equal(first, accepted.MessageId);
            }
            else
            {
                // Only what says try again is sent again.
                Assert.True(
                    (StatusCode)answer.Error.Code is StatusCode.Unavailable or StatusCode.ResourceExhausted,
                    $"Text {number} was refused: {answer.Error.Message}");
            }
        }
    }

    private SendRequest Text(int number) => new()
    {
        To = string.Create(CultureInfo.InvariantCulture, $"+1212{5550000 + number}"),
        Body = string.Create(CultureInfo.InvariantCulture, $"Text {number} of {campaign}"),
        Purpose = Purpose.Transactional,
        CampaignId = campaign,
        ClientReference = number.ToString(CultureInfo.InvariantCulture),
        IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"{campaign}-{number}"),
    };
}
