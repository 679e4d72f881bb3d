using Grpc.Core;
using SmsCrm.Contracts.V1;
using SmsCrm.Server.Endpoints.Ingest;

namespace SmsCrm.Server.Watch;

/// <summary>The gRPC API of a process that has the role crm and not ingest: it refuses all but Watch.</summary>
internal sealed class WatchOnlyService(IWatch watch) : MessageIngest.MessageIngestBase
{
    public override Task Watch(WatchRequest request, IServerStreamWriter<MessageEvent> responseStream, ServerCallContext context) =>
        watch.WatchAsync(request, responseStream, context);
}
