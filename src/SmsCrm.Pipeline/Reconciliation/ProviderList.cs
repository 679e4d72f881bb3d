using System.Collections.Concurrent;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline.Reconciliation;

/// <summary>What the provider's list says of an attempt: a closed set.</summary>
internal abstract record ListAnswer
{
    private ListAnswer()
    {
    }

    /// <summary>One text that nothing else of ours can be: the provider's word.</summary>
    public sealed record Found(ProviderMessage Text) : ListAnswer;

    /// <summary>All pages were answered and it is not there: evidence, not proof.</summary>
    public sealed record Absent : ListAnswer;

    /// <summary>The provider did not answer in full, or the account or sender is no longer there.</summary>
    public sealed record NotAnswered : ListAnswer;

    /// <summary>Another text with the same account, number and body is about: nobody can tell which is which.</summary>
    public sealed record Blurred : ListAnswer;
}

/// <summary>
/// Looks for unknown attempts in the provider's list. It has no id of ours: asked by recipient alone, all pages, and matched by account, sender and
/// body; sids that are bound already are left out, and nothing is concluded where an equal text was claimed about the same time.
/// </summary>
internal sealed class ProviderList(ISmsProvider provider, ProviderDirectory directory, AttemptReads reads, ReconciliationOptions options)
{
    private static readonly ListAnswer NotAnswered = new ListAnswer.NotAnswered();

    /// <returns>By message; every one of them is there. Throws Npgsql's exceptions.</returns>
    public async Task<IReadOnlyDictionary<MessageId, ListAnswer>> AskAsync(IReadOnlyList<OpenAttempt> attempts, CancellationToken cancellation)
    {
        var candidates = new ConcurrentDictionary<MessageId, IReadOnlyList<ProviderMessage>>();
        var silent = new ConcurrentDictionary<Guid, bool>();
        await Parallel.ForEachAsync(
            attempts,
            new ParallelOptions { MaxDegreeOfParallelism = options.PollConcurrency, CancellationToken = cancellation },
            async (attempt, token) =>
            {
                if (await ListAsync(attempt, silent, token).ConfigureAwait(false) is { } texts)
                {
                    candidates[attempt.Id] = texts;
                }
            }).ConfigureAwait(false);

        // Both from after the last page: what was claimed or bound while it was read counts too.
        var bound = await reads.ReadBoundAsync(
            [.. attempts.SelectMany(attempt => candidates.GetValueOrDefault(attempt.Id, []).Select(text => (attempt.Row.Recipient, text.Sid)))],
            cancellation).ConfigureAwait(false);
        var blurred = await reads.ReadBlurredAsync([.. candidates.Keys], cancellation).ConfigureAwait(false);
        return attempts.ToDictionary(
            attempt => attempt.Id,
            attempt => candidates.TryGetValue(attempt.Id, out var texts)
                ? Judge([.. texts.Where(text => !bound.Contains(text.Sid))], blurred.Contains(attempt.Id))
                : NotAnswered);
    }

    private static ListAnswer Judge(IReadOnlyList<ProviderMessage> free, bool isBlurred) => (isBlurred, free.Count) switch
    {
        (true, _) or (_, > 1) => new ListAnswer.Blurred(),
        (_, 1) => new ListAnswer.Found(free[0]),
        _ => new ListAnswer.Absent(),
    };

    /// <param name="silent">Accounts that did not answer in this round: they are not asked again for each of their messages.</param>
    private async Task<IReadOnlyList<ProviderMessage>?> ListAsync(
        OpenAttempt attempt, ConcurrentDictionary<Guid, bool> silent, CancellationToken cancellation)
    {
        var settings = directory.Current;
        if (attempt.Row is not { AccountId: { } accountId, SenderId: { } senderId } || silent.ContainsKey(accountId)
            || settings.Account(accountId) is not { } entry || settings.Sender(senderId) is not { } sender)
        {
            return null;
        }

        var listed = await provider.ListAsync(entry.Account, attempt.Row.Recipient, attempt.ClaimedAt - AttemptReads.Blur, cancellation).ConfigureAwait(false);
        if (listed is null)
        {
            silent[accountId] = true;
            return null;
        }

        return
        [
            .. listed.Where(text => text.Direction.StartsWith("outbound", StringComparison.Ordinal) && text.From == sender.Address
                && ContentHash.Of(text.Body) == attempt.ContentHash),
        ];
    }
}
