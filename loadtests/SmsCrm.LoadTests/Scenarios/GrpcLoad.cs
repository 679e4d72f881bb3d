using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using SmsCrm.Contracts.V1;
using SmsCrm.LoadTests.Measuring;

namespace SmsCrm.LoadTests.Scenarios;

/// <summary>Offers the load over <c>SendStream</c>: arrivals are dealt to the streams in turn, answers are matched by client reference.</summary>
/// <param name="withLink">Whether every text has a short link.</param>
internal sealed class GrpcLoad(Uri address, string apiKey, string campaign, bool withLink = false) : IAsyncDisposable
{
    private readonly List<GrpcChannel> _channels = [];

    public async Task RunAsync(OpenLoop loop, int count, int streams, IngestTally tally, CancellationToken cancellation)
    {
        var calls = Enumerable.Range(0, streams).Select(_ => Open(cancellation)).ToArray();
        var queues = calls.Select(call => new StreamQueue(call)).ToArray();
        var writers = queues.Select(queue => queue.WriteAsync(cancellation)).ToArray();
        var readers = calls.Select(call => ReadAsync(call, loop, tally, cancellation)).ToArray();
        await loop.RunAsync(
            (arrival, _) =>
            {
                queues[arrival % streams].Post(withLink ? TextFactory.CreateWithLink(campaign, arrival) : TextFactory.Create(campaign, arrival));
                return ValueTask.CompletedTask;
            },
            cancellation);
        foreach (var queue in queues)
        {
            queue.Complete();
        }

        await Task.WhenAll(writers);
        await Task.WhenAll(readers);
        if (tally.Answered < count)
        {
            tally.CountError($"{count - tally.Answered} requests were never answered");
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var channel in _channels)
        {
            channel.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private AsyncDuplexStreamingCall<SendRequest, SendResult> Open(CancellationToken cancellation)
    {
        // A channel of its own for each stream: one TCP connection carries one stream's flow control.
        var channel = GrpcChannel.ForAddress(address);
        _channels.Add(channel);
        var headers = new Metadata { { "authorization", $"Bearer {apiKey}" } };
        return new MessageIngest.MessageIngestClient(channel).SendStream(headers, cancellationToken: cancellation);
    }

    private static async Task ReadAsync(
        AsyncDuplexStreamingCall<SendRequest, SendResult> call, OpenLoop loop, IngestTally tally, CancellationToken cancellation)
    {
        try
        {
            await foreach (var result in call.ResponseStream.ReadAllAsync(cancellation))
            {
                if (result.OutcomeCase == SendResult.OutcomeOneofCase.Accepted)
                {
                    tally.CountAccepted(loop.LatencyNow(int.Parse(result.ClientReference, CultureInfo.InvariantCulture)));
                }
                else
                {
                    tally.CountError(result.Error?.Message ?? "an answer without an outcome");
                }
            }
        }
        catch (RpcException broken)
        {
            tally.CountError(broken.Status.Detail);
        }
    }
}
