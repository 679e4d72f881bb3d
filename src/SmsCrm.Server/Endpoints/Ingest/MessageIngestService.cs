using Grpc.Core;
using Microsoft.Extensions.Options;
using SmsCrm.Contracts.V1;
using SmsCrm.Crm.Access;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

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
        var caller = context.GetHttpContext();
        var tenant = caller.Tenant().Id;
        var outcome = request.TargetCase switch
        {
            CancelRequest.TargetOneofCase.MessageId => await cancellation.CancelAsync(tenant, request.MessageId, context.CancellationToken),
            CancelRequest.TargetOneofCase.CampaignId => request.CampaignId.Length is > 0 and <= RequestLimits.CampaignIdLength
                ? await cancellation.CancelAsync(tenant, new CancellationTarget(request.CampaignId, null), caller.ApiCaller().KeyName, context.CancellationToken)
                : throw GrpcAnswers.InvalidArgument(new RequestViolation(
                    "campaign_id", $"has {request.CampaignId.Length} characters: it has 1 to {RequestLimits.CampaignIdLength}")),
            CancelRequest.TargetOneofCase.Recipient => PhoneNumber.TryParseE164(request.Recipient, out var number)
                ? await cancellation.CancelAsync(tenant, new CancellationTarget(null, number), caller.ApiCaller().KeyName, context.CancellationToken)
                : throw GrpcAnswers.InvalidArgument(new RequestViolation("recipient", $"is '{request.Recipient}': use E.164, such as +14155550123")),
            _ => throw GrpcAnswers.InvalidArgument(new RequestViolation(
                "message_id", "is missing: give the id of the message to cancel, or a campaign_id or a recipient")),
        };
        return outcome switch
        {
            CancelOutcome.Counted { Count: var count } => new CancelResponse
            {
                Cancelled = (int)Math.Min(int.MaxValue, count.Cancelled + count.Waiting),
                TooLate = (int)Math.Min(int.MaxValue, count.TooLate),
                NotFound = count is { Cancelled: 0, Waiting: 0, TooLate: 0 } ? 1 : 0,
            },
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

    private static IngestCaller Caller(ServerCallContext context) => IngestCallers.Of(context.GetHttpContext());
}
