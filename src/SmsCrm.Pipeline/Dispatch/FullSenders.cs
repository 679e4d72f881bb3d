using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline.Dispatch;

/// <summary>
/// Senders whose queue at the provider is full (error 21611: more than ten hours of work). Such a sender is out of its pool for
/// <see cref="DispatchOptions.SenderRestSeconds"/>, then it is tried again; each process finds out by itself.
/// </summary>
internal sealed class FullSenders(DispatchOptions options, TimeProvider clock, ILogger<FullSenders> logger)
{
    private readonly ConcurrentDictionary<Guid, long> _since = new();

    /// <summary>What a message's timeline says that waits for such a sender.</summary>
    public static string Detail(string address) => VerdictText.Json(
        "sender", "The sender has more texts in the provider's queue than it takes. The message waits until some have gone.", null, ("sender", address));

    public void Note(ClaimedText text, PostOutcome outcome)
    {
        if (outcome is not PostOutcome.Throttled { Code: TwilioErrors.QueueFull })
        {
            return;
        }

        var isNews = RestOf(text.SenderId) == TimeSpan.Zero;
        _since[text.SenderId] = clock.GetTimestamp();
        if (isNews)
        {
            Log.SenderFull(logger, text.SenderId, options.SenderRestSeconds);
        }
    }

    /// <summary>For how long a sender still rests; zero where it does not.</summary>
    public TimeSpan RestOf(Guid sender)
    {
        if (!_since.TryGetValue(sender, out var since))
        {
            return TimeSpan.Zero;
        }

        var left = TimeSpan.FromSeconds(options.SenderRestSeconds) - clock.GetElapsedTime(since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
