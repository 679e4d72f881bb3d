using Grpc.Core;
using SmsCrm.Contracts.V1;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>Answers <c>Watch</c>; a process without the role that reads the feed has none, and refuses the call.</summary>
internal interface IWatch
{
    /// <summary>
    /// Writes the caller's tenant's events, and the texts and clicks that it asks for, from the position on, until the call ends, its key is revoked or it reads too slowly. Throws
    /// <see cref="RpcException"/>: OUT_OF_RANGE for an unusable position, RESOURCE_EXHAUSTED for a slow reader, with its position.
    /// </summary>
    Task WatchAsync(WatchRequest request, IServerStreamWriter<MessageEvent> events, ServerCallContext context);
}
