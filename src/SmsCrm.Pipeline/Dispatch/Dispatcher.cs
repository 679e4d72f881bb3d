using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline.Dispatch;

/// <summary>A claimed message on its way out, with the slot it holds.</summary>
/// <param name="Claimed">The row as the claim left it.</param>
/// <param name="ClockOffset">The database's clock less this machine's time of day, when the facts were read.</param>
internal sealed record ClaimedText(AcceptedMessage Message, RowFacts Claimed, ProviderAccount Account, Guid SenderId, OutgoingText Text, TimeSpan ClockOffset);

/// <summary>
/// Makes the POSTs: each as soon as its account has a free connection, each on its own, so a straggler delays nobody. What
/// became of it goes to the ledger; the slot is free when the provider has answered and the ledger's queue has taken the outcome.
/// </summary>
internal sealed class Dispatcher(
    ISmsProvider provider,
    PostSlots slots,
    OutcomeQueue outcomes,
    OutcomeMapping mapping,
    OptOutsAtProvider optOuts,
    RefusedAccounts refused,
    FullSenders full,
    DispatchMetrics metrics,
    TimeProvider clock,
    ILogger<Dispatcher> logger)
{
    private const string NoConnection = "its time to begin had passed while it waited for a free connection";

    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private bool _isDraining;

    public int Running => Volatile.Read(ref _running);

    /// <summary>Starts the POST of a message whose claim was won and whose slot is held. Never throws.</summary>
    public void Start(ClaimedText text)
    {
        Interlocked.Increment(ref _running);
        _ = RunAsync(text);
    }

    /// <summary>Waits until every POST that was started has handed over its outcome. Nothing may be started after that.</summary>
    public Task DrainAsync(CancellationToken cancellation)
    {
        Volatile.Write(ref _isDraining, true);
        if (Volatile.Read(ref _running) == 0)
        {
            _drained.TrySetResult();
        }

        return _drained.Task.WaitAsync(cancellation);
    }

    private async Task RunAsync(ClaimedText text)
    {
        try
        {
            if (await slots.Of(text.Account).BeginAsync(text.Message.Purpose, text.Text.PostBy).ConfigureAwait(false))
            {
                await SendAsync(text).ConfigureAwait(false);
            }
            else
            {
                await GiveUpAsync(text).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            // A bug: the reconciler finds the claim that nobody finishes.
            Log.PostBroke(logger, e, text.Message.Id);
        }
        finally
        {
            if (Interlocked.Decrement(ref _running) == 0 && Volatile.Read(ref _isDraining))
            {
                _drained.TrySetResult();
            }
        }
    }

    private async Task SendAsync(ClaimedText text)
    {
        var beganAt = clock.GetTimestamp();
        var signal = PostSignal.Failed;
        PostOutcome? outcome = null;
        try
        {
            outcome = await PostAsync(text).ConfigureAwait(false);
            var now = clock.GetTimestamp();
            metrics.Posted(outcome, clock.GetElapsedTime(beganAt, now), text.Message.Purpose);
            signal = OutcomeMapping.ForAccount(outcome, wasLate: now > text.Text.PostBy);

            var entry = EntryOf(text, outcome);
            full.Note(text, outcome);
            await optOuts.NoteAsync(text, outcome).ConfigureAwait(false);
            await outcomes.AddAsync(entry).ConfigureAwait(false);
        }
        finally
        {
            if (slots.End(text.Account, text.Message.Purpose, signal, beganAt))
            {
                await ReportAsync(text.Account, outcome).ConfigureAwait(false);
            }
        }
    }

    /// <summary>No connection was free in its time: proof that nothing of it was sent, and its claim is for another one.</summary>
    private async Task GiveUpAsync(ClaimedText text)
    {
        try
        {
            var outcome = new PostOutcome.NotSent(NoConnection);
            metrics.Posted(outcome, TimeSpan.Zero, text.Message.Purpose);
            await outcomes.AddAsync(EntryOf(text, outcome)).ConfigureAwait(false);
        }
        finally
        {
            slots.Return(text.Account, text.Message.Purpose, 1);
        }
    }

    private OutcomeEntry EntryOf(ClaimedText text, PostOutcome outcome) => new(
        text.Message, text.Claimed, mapping.ForMessage(outcome, text.Claimed.Attempt, text.SenderId, clock.GetUtcNow() + text.ClockOffset));

    private async Task<PostOutcome> PostAsync(ClaimedText text)
    {
        if (clock.GetTimestamp() > text.Text.PostBy)
        {
            return new PostOutcome.NotSent(NoConnection);
        }

        try
        {
            // Not cancelled by a shutdown: a POST that has begun has its own deadline, and its answer is worth waiting for.
            return await provider.CreateAsync(text.Account, text.Text, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.ProviderThrew(logger, e, text.Message.Id);
            return new PostOutcome.Unknown($"{e.GetType().Name} in the provider's client");
        }
    }

    private async Task ReportAsync(ProviderAccount account, PostOutcome? outcome)
    {
        if (outcome is PostOutcome.Rejected { Class: ErrorClass.Halt } refusal)
        {
            await refused.NoteAsync(account, refusal).ConfigureAwait(false);
        }
        else
        {
            metrics.BreakerOpened();
            Log.BreakerOpened(logger, account.Id);
        }
    }
}
