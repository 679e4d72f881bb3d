using System.Threading.Channels;
using Grpc.Core;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>
/// One bidirectional stream: requests are accepted side by side, at most a window of them unanswered; when it is full the stream is not
/// read, and HTTP/2 pushes back. Answers go out as they come, by one writer, flushed when no more are at hand.
/// </summary>
/// <param name="isRevoked">Whether the caller's key was revoked meanwhile.</param>
/// <param name="stopping">Ends when the server begins to stop.</param>
internal sealed class SendStreamCall(MessageIntake intake, IngestCaller caller, Func<bool> isRevoked, Task stopping, int window) : IDisposable
{
    private static readonly WriteOptions Buffered = new(WriteFlags.BufferHint);
    private static readonly WriteOptions Flushed = new();

    private readonly SemaphoreSlim _window = new(window);
    private readonly Channel<SendResult> _answers = Channel.CreateBounded<SendResult>(new BoundedChannelOptions(window) { SingleReader = true });

    public async Task RunAsync(IAsyncStreamReader<SendRequest> requests, IServerStreamWriter<SendResult> responses, CancellationToken cancellation)
    {
        // A writer that fails (the client is gone) ends the reading too.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var writing = WriteAsync(responses, ended);
        RpcException? end;
        try
        {
            end = await ReadAsync(requests, ended.Token);
            await WaitForAllAsync(ended.Token);
            _answers.Writer.Complete();
        }
        catch (Exception failure)
        {
            _answers.Writer.TryComplete(failure is OperationCanceledException ? null : failure);
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await writing;
        if (end is not null)
        {
            throw end;
        }
    }

    public void Dispose() => _window.Dispose();

    /// <summary>Why the stream is read no further; null where the client ended it. What was read is answered either way.</summary>
    private async Task<RpcException?> ReadAsync(IAsyncStreamReader<SendRequest> requests, CancellationToken cancellation)
    {
        for (var index = 0L; ; index++)
        {
            var next = requests.MoveNext(cancellation);
            if (!next.IsCompleted && await Task.WhenAny(next, stopping) == stopping)
            {
                return new RpcException(new Status(StatusCode.Unavailable, "The server is stopping: connect again. What has no answer was not accepted."));
            }

            if (!await next)
            {
                return null;
            }

            if (isRevoked())
            {
                return new RpcException(new Status(StatusCode.Unauthenticated, "The API key was revoked: use another one. What has no answer was not accepted."));
            }

            await _window.WaitAsync(cancellation);
            _ = AcceptAsync(requests.Current, index, cancellation);
        }
    }

    private async Task AcceptAsync(SendRequest request, long index, CancellationToken cancellation)
    {
        try
        {
            var outcome = await intake.AcceptWhenThereIsRoomAsync(caller, request, cancellation);

            // There is always room: an answer in the channel holds its place in the window.
            _answers.Writer.TryWrite(GrpcAnswers.Result(outcome, request, index));
        }
        catch (OperationCanceledException)
        {
            // The call is over: nobody waits for a place any more.
        }
        catch (Exception bug)
        {
            _answers.Writer.TryComplete(bug);
        }
    }

    private async Task WriteAsync(IServerStreamWriter<SendResult> responses, CancellationTokenSource ended)
    {
        try
        {
            while (await _answers.Reader.WaitToReadAsync(ended.Token))
            {
                while (_answers.Reader.TryRead(out var answer))
                {
                    responses.WriteOptions = _answers.Reader.TryPeek(out _) ? Buffered : Flushed;
                    await responses.WriteAsync(answer, ended.Token);
                    _window.Release();
                }
            }
        }
        catch
        {
            await ended.CancelAsync();
            throw;
        }
    }

    /// <summary>All places free again means all answers written.</summary>
    private async Task WaitForAllAsync(CancellationToken cancellation)
    {
        for (var taken = 0; taken < window; taken++)
        {
            await _window.WaitAsync(cancellation);
        }
    }
}
