using Grpc.Core;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>Answers <c>Watch</c>; a process without the role that reads the feed has none, and refuses the call.</summary>
internal interface IWatch
{
    /// <summary>Writes the tenant's events from the position on, until the call ends. Throws <see cref="RpcException"/> OUT_OF_RANGE for an unusable position.</summary>
    Task WatchAsync(TenantId tenant, WatchRequest request, IServerStreamWriter<MessageEvent> events, CancellationToken cancellation);
}
