using System.Threading.Channels;
using Grpc.Core;
using SmsCrm.Contracts.V1;
using SmsCrm.Server.Endpoints.Ingest;
using SmsCrm.TestKit;
using SmsCrm.UnitTests.Pipeline.Ingest;

namespace SmsCrm.UnitTests.Server.Endpoints.Ingest;

public sealed class SendStreamCallTests
{
    private const int Window = 16;

    private static readonly Task Never = new TaskCompletionSource().Task;

    private readonly FakeRequestLog _log = new();

    [Fact]
    public async Task A_stream_whose_answers_nobody_takes_is_not_read_any_further()
    {
        var requests = new Requests(1_000);
        var answers = new Answers { IsHeld = true };
        using var intake = Intake.Over(_log);
        using var call = new SendStreamCall(intake, Intake.Caller, static () => false, Never, Window);

        var running = call.RunAsync(requests, answers, CancellationToken.None);
        await requests.StandsStillAsync();
        var readWhileHeld = requests.Read;
        answers.Release();
        await running;

        Assert.InRange(readWhileHeld, Window, Window + 2);
        Assert.Equal(Enumerable.Range(0, 1_000).Select(static i => (long)i), answers.Written.Select(static a => a.Index).Order());
    }

    [Fact]
    public async Task A_client_that_is_gone_ends_the_call_at_once()
    {
        var answers = new Answers { Failure = new IOException("The client is gone.") };
        using var intake = Intake.Over(_log);
        using var call = new SendStreamCall(intake, Intake.Caller, static () => false, Never, Window);

        await Assert.ThrowsAnyAsync<Exception>(() => call.RunAsync(new Requests(int.MaxValue), answers, CancellationToken.None));
    }

    [Fact]
    public async Task An_empty_stream_ends_without_an_answer()
    {
        var answers = new Answers();
        using var intake = Intake.Over(_log);
        using var call = new SendStreamCall(intake, Intake.Caller, static () => false, Never, Window);

        await call.RunAsync(new Requests(0), answers, CancellationToken.None);

        Assert.Empty(answers.Written);
    }

    [Fact]
    public async Task A_server_that_stops_answers_what_it_read_and_says_so()
    {
        var answers = new Answers();
        var stopping = new TaskCompletionSource();
        using var intake = Intake.Over(_log);
        using var call = new SendStreamCall(intake, Intake.Caller, static () => false, stopping.Task, Window);

        var running = call.RunAsync(new Requests(100, thenWait: true), answers, CancellationToken.None);
        await Eventually.TrueAsync(() => _log.Appended.Count == 100);
        stopping.SetResult();
        var end = await Assert.ThrowsAsync<RpcException>(() => running);

        Assert.Equal(StatusCode.Unavailable, end.StatusCode);
        Assert.Equal(100, answers.Written.Count);
    }

    [Fact]
    public async Task A_revoked_key_ends_the_stream_after_the_answers_to_what_was_read()
    {
        var answers = new Answers();
        using var intake = Intake.Over(_log);
        using var call = new SendStreamCall(intake, Intake.Caller, () => _log.Appended.Count == 5, Never, Window);

        var end = await Assert.ThrowsAsync<RpcException>(() => call.RunAsync(new Requests(1_000), answers, CancellationToken.None));

        Assert.Equal((StatusCode.Unauthenticated, 5), (end.StatusCode, answers.Written.Count));
    }

    private sealed class Requests(int count, bool thenWait = false) : IAsyncStreamReader<SendRequest>
    {
        private int _read;

        public int Read => Volatile.Read(ref _read);

        public SendRequest Current => Intake.Request(_read - 1);

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            if (_read < count)
            {
                Interlocked.Increment(ref _read);
                return true;
            }

            if (thenWait)
            {
                await Never;
            }

            return false;
        }

        /// <summary>Until a window was read and then nothing for a while, in which a reader that went on would read thousands.</summary>
        public async Task StandsStillAsync()
        {
            await Eventually.TrueAsync(() => Read >= Window);
            for (var before = -1; before != Read;)
            {
                before = Read;
                await Task.Delay(100);
            }
        }
    }

    private sealed class Answers : IServerStreamWriter<SendResult>
    {
        private readonly Channel<bool> _release = Channel.CreateUnbounded<bool>();

        public bool IsHeld { get; set; }

        public Exception? Failure { get; init; }

        public List<SendResult> Written { get; } = [];

        public WriteOptions? WriteOptions { get; set; }

        public async Task WriteAsync(SendResult message)
        {
            if (Failure is not null)
            {
                throw Failure;
            }

            if (IsHeld)
            {
                await _release.Reader.ReadAsync();
                IsHeld = false;
            }

            Written.Add(message);
        }

        public Task WriteAsync(SendResult message, CancellationToken cancellationToken) => WriteAsync(message);

        public void Release() => _release.Writer.TryWrite(true);
    }
}
