using System.Threading.Channels;
using Grpc.Core;
using SmsCrm.Contracts.V1;

namespace SmsCrm.LoadTests.Scenarios;

/// <summary>
/// Keeps the open loop from waiting for a stream's flow control. Unbounded on purpose: in an open model what the system does not take
/// in time must wait here and be charged to it.
/// </summary>
internal sealed class StreamQueue(AsyncDuplexStreamingCall<SendRequest, SendResult> call)
{
    private readonly Channel<SendRequest> _waiting = Channel.CreateUnbounded<SendRequest>(new() { SingleReader = true, SingleWriter = true });

    public void Post(SendRequest request) => _waiting.Writer.TryWrite(request);

    public void Complete() => _waiting.Writer.Complete();

    public async Task WriteAsync(CancellationToken cancellation)
    {
        await foreach (var request in _waiting.Reader.ReadAllAsync(cancellation))
        {
            // Buffered while more is at hand: a flush for each message would cost a system call each.
            call.RequestStream.WriteOptions = _waiting.Reader.TryPeek(out _) ? new WriteOptions(WriteFlags.BufferHint) : null;
            await call.RequestStream.WriteAsync(request, cancellation);
        }

        await call.RequestStream.CompleteAsync();
    }
}
