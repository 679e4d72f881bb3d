using System.Threading.Channels;

namespace SmsCrm.Pipeline.Waiting;

/// <summary>Released messages on their way to the pipeline; bounded, so that a pipeline that holds stops the releaser too.</summary>
internal sealed class ReleasedMessages(WaitingOptions options)
{
    private readonly Channel<WaitingMessage> _channel = Channel.CreateBounded<WaitingMessage>(Math.Min(options.GivenOut, 1_000));

    public ValueTask AddAsync(WaitingMessage message, CancellationToken cancellation) => _channel.Writer.WriteAsync(message, cancellation);

    /// <summary>Waits for the next ones; at least one.</summary>
    public async ValueTask<List<WaitingMessage>> TakeAsync(int most, CancellationToken cancellation)
    {
        var batch = new List<WaitingMessage> { await _channel.Reader.ReadAsync(cancellation).ConfigureAwait(false) };
        while (batch.Count < most && _channel.Reader.TryRead(out var message))
        {
            batch.Add(message);
        }

        return batch;
    }
}
