using Grpc.Core;
using Microsoft.Extensions.Options;
using SmsCrm.Contracts.V1;
using SmsCrm.Crm.Access;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Ledger;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>The gRPC API. Requires a tenant's key.</summary>
[BindServiceMethod(typeof(MessageIngestBinding), nameof(MessageIngestBinding.BindService))]
internal sealed class MessageIngestService(MessageIntake intake, MessageCancellation cancellation, ServerStop stop, IOptions<IngestOptions> options, IServiceProvider services)
    : MessageIngest.MessageIngestBase
{
    public override async Task<SendResponse> Send(SendRequest request, ServerCallContext context)
    {
        var outcome = await intake.AcceptAsync(Caller(context), request, context.CancellationToken);
        return outcome is IngestOutcome.Accepted accepted
            ? GrpcAnswers.Response(accepted, request)
            : throw GrpcAnswers.Exception(outcome);
    }

    public override async Task<SendBatchResponse> SendBatch(SendBatchRequest request, ServerCallContext context)
    {
        GrpcAnswers.RefuseUnknownFields(request.UnknownFieldNumbers);
        if (request.Messages.Count is 0 or > RequestLimits.MessagesPerBatch)
        {
            throw GrpcAnswers.InvalidArgument(new RequestViolation(
                "messages", $"has {request.Messages.Count} messages: a batch has 1 to {RequestLimits.MessagesPerBatch}"));
        }

        var caller = Caller(context);
        var outcomes = await Task.WhenAll(request.Messages.Select(m => intake.AcceptAsync(caller, m, context.CancellationToken).AsTask()));
        var response = new SendBatchResponse();
        for (var i = 0; i < outcomes.Length; i++)
        {
            response.Results.Add(GrpcAnswers.Result(outcomes[i], request.Messages[i], i));
        }

        return response;
    }

    public override async Task SendStream(IAsyncStreamReader<SendRequest> requestStream, IServerStreamWriter<SendResult> responseStream, ServerCallContext context)
    {
        var caller = context.GetHttpContext().ApiCaller();
        using var call = new SendStreamCall(intake, Caller(context), () => caller.IsRevoked, stop.Stopping, options.Value.StreamWindow);
        await call.RunAsync(requestStream, responseStream, context.CancellationToken);
    }

    public override async Task<CancelResponse> Cancel(CancelRequest request, ServerCallContext context)
    {
        GrpcAnswers.RefuseUnknownFields(request.UnknownFieldNumbers);
        switch (request.TargetCase)
        {
            case CancelRequest.TargetOneofCase.CampaignId or CancelRequest.TargetOneofCase.Recipient:
                var field = request.TargetCase == CancelRequest.TargetOneofCase.Recipient ? "recipient" : "campaign_id";
                throw GrpcAnswers.Exception(new IngestOutcome.Invalid(
                    [new RequestViolation(field, "is not supported by this version: cancel by message_id", IsReserved: true)]));
            case CancelRequest.TargetOneofCase.None:
                throw GrpcAnswers.InvalidArgument(new RequestViolation("message_id", "is missing: give the id of the message to cancel"));
        }

        var outcome = await cancellation.CancelAsync(context.GetHttpContext().Tenant().Id, request.MessageId, context.CancellationToken);
        return outcome switch
        {
            CancelOutcome.Judged judged => new CancelResponse
            {
                Cancelled = judged.Result == TransitionResult.Won ? 1 : 0,
                TooLate = judged.Result == TransitionResult.TooLate ? 1 : 0,
                NotFound = judged.Result == TransitionResult.NotFound ? 1 : 0,
            },
            CancelOutcome.BadId bad => throw GrpcAnswers.InvalidArgument(bad.Violation),
            CancelOutcome.Unavailable away => throw GrpcAnswers.Unavailable(away.Reason, away.RetryAfter),
            _ => throw new InvalidOperationException($"No answer for {outcome.GetType().Name}"),
        };
    }

    public override Task Watch(WatchRequest request, IServerStreamWriter<MessageEvent> responseStream, ServerCallContext context) =>
        services.GetService<IWatch>() is { } watch
            ? watch.WatchAsync(request, responseStream, context)
            : throw new RpcException(new Status(StatusCode.Unimplemented, "This process does not read the feed of events: call one with the role crm."));

    private static IngestCaller Caller(ServerCallContext context)
    {
        var tenant = context.GetHttpContext().Tenant();
        return new IngestCaller(tenant.Id, tenant.DefaultCountry);
    }
}
