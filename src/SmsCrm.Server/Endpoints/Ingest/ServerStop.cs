namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>Tells calls that last that the server begins to stop, so that they end by themselves within its time to drain.</summary>
internal sealed class ServerStop
{
    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ServerStop(IHostApplicationLifetime lifetime) => lifetime.ApplicationStopping.Register(() => _stopping.TrySetResult());

    public Task Stopping => _stopping.Task;
}
