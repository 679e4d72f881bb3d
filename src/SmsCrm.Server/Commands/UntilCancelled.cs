namespace SmsCrm.Server.Commands;

/// <summary>For commands that run until a signal.</summary>
internal static class UntilCancelled
{
    public static async Task WaitAsync(CancellationToken cancellation) =>
        await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
