using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Pipeline.Suppression;

namespace SmsCrm.Pipeline.Dispatch;

/// <summary>A refusal that says <em>opted out at the provider</em> becomes a suppression of ours.</summary>
internal sealed class OptOutsAtProvider(SuppressionList suppressions, ILogger<OptOutsAtProvider> logger)
{
    private static readonly RecipientChange ByProvider = new("provider", "provider", "refused with code 21610");
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    /// <summary>Never throws: where it can't be written now, the provider refuses the next message too and says it again.</summary>
    public async ValueTask NoteAsync(ClaimedText text, PostOutcome outcome)
    {
        if (outcome is not PostOutcome.Rejected { Class: ErrorClass.Suppress })
        {
            return;
        }

        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            await suppressions.SuppressAsync(text.Message.Tenant, text.Message.Recipient, ByProvider, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.SuppressionFailed(logger, e, text.Message.Id, text.Message.Recipient.Masked);
        }
    }
}
