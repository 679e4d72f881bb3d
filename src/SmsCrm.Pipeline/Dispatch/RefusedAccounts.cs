using Microsoft.Extensions.Logging;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline.Dispatch;

/// <summary>
/// An account that the provider refuses altogether (authentication, suspended) is stopped for everybody, with what the provider said: its messages
/// wait, and nobody asks the provider over and over. An operator lets it go on.
/// </summary>
/// <param name="halts">None where nobody manages accounts: then the breaker of this process holds alone.</param>
internal sealed class RefusedAccounts(IEnumerable<IAccountHalts> halts, DispatchMetrics metrics, ILogger<RefusedAccounts> logger)
{
    private const int MostText = 300;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    /// <summary>Never throws: where it can't be written now, the provider refuses the next trial too.</summary>
    public async Task NoteAsync(ProviderAccount account, PostOutcome.Rejected refused)
    {
        metrics.AccountHalted();
        Log.AccountHalted(logger, account.Id, refused.Code, refused.Message);
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            var said = ForeignText.Cut(refused.Message, MostText);
            foreach (var halt in halts)
            {
                await halt.HaltAsync(account.Id, $"the provider refuses it (error {refused.Code}: {said})", deadline.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            Log.HaltNotWritten(logger, e, account.Id);
        }
    }
}
