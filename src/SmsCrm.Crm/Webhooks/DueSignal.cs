namespace SmsCrm.Crm.Webhooks;

/// <summary>Something may be due, or a slot may be free: look now instead of at the next poll. Many signals are one.</summary>
internal sealed class DueSignal : IDisposable
{
    private readonly SemaphoreSlim _set = new(0, 1);

    public void Set()
    {
        try
        {
            _set.Release();
        }
        catch (SemaphoreFullException)
        {
            // Set already.
        }
        catch (ObjectDisposedException)
        {
            // The process is over.
        }
    }

    /// <summary>Until it is set, and at most for <paramref name="most"/>.</summary>
    public Task WaitAsync(TimeSpan most, CancellationToken cancellation) => _set.WaitAsync(most, cancellation);

    public void Dispose() => _set.Dispose();
}
