using SmsCrm.Pipeline.Messages;
using SmsCrm.Reporting.Messages;

namespace SmsCrm.Server.Endpoints.Reports;

/// <summary>
/// Finds a message also in the moment after its acceptance: in the steady state its row is written by its claim, about a second later.
/// An id that is seconds old is waited for; any other is there or not.
/// </summary>
internal sealed class MessageLookup(MessageQueries messages, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Ids can be made up: so many wait at once, and no more.</summary>
    private const int MaxWaiting = 64;

    private readonly SemaphoreSlim _waiting = new(MaxWaiting);

    public async Task<MessageView?> FindAsync(TenantId tenant, MessageId id, CancellationToken cancellation)
    {
        var found = await messages.FindAsync(tenant, id, cancellation);
        if (found is not null || (clock.GetUtcNow() - id.AcceptedAt).Duration() > Young || !_waiting.Wait(0, cancellation))
        {
            return found;
        }

        try
        {
            var started = clock.GetTimestamp();
            while (found is null && clock.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(Pause, clock, cancellation);
                found = await messages.FindAsync(tenant, id, cancellation);
            }

            return found;
        }
        finally
        {
            _waiting.Release();
        }
    }

    public void Dispose() => _waiting.Dispose();
}
