using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>Outcomes as gRPC says them: a response, a google.rpc.Status with details, or an item's result.</summary>
internal static class GrpcAnswers
{
    public static SendResponse Response(IngestOutcome.Accepted accepted, SendRequest request) => new()
    {
        MessageId = accepted.Id.ToString(),
        ClientReference = request.ClientReference,
        Repeated = accepted.Repeated,
        Segments = accepted.Segments,
    };

    public static SendResult Result(IngestOutcome outcome, SendRequest request, long index)
    {
        var result = new SendResult { ClientReference = request.ClientReference, Index = index };
        if (outcome is IngestOutcome.Accepted accepted)
        {
            result.Accepted = Response(accepted, request);
            return result;
        }

        var (code, message, retryAfter) = Describe(outcome);
        result.Error = new SendError { Code = (int)code, Message = message, RetryAfterMs = (int)retryAfter.TotalMilliseconds };
        if (outcome is IngestOutcome.Invalid invalid)
        {
            result.Error.Violations.AddRange(invalid.Violations.Select(static v => new FieldViolation { Field = v.Field, Description = v.Detail }));
        }

        if (outcome is IngestOutcome.Unavailable { Id: { } id })
        {
            result.Error.MessageId = id.ToString();
        }

        return result;
    }

    public static RpcException Exception(IngestOutcome outcome)
    {
        var (code, message, retryAfter) = Describe(outcome);
        var details = new List<IMessage>();
        if (outcome is IngestOutcome.Invalid invalid)
        {
            details.Add(ToBadRequest(invalid.Violations));
        }

        if (retryAfter > TimeSpan.Zero)
        {
            details.Add(new RetryInfo { RetryDelay = Duration.FromTimeSpan(retryAfter) });
        }

        if (outcome is IngestOutcome.Unavailable { Id: { } id })
        {
            details.Add(new ErrorInfo { Domain = "smscrm", Reason = "FATE_UNKNOWN", Metadata = { ["message_id"] = id.ToString() } });
        }

        if (outcome is IngestOutcome.Conflict conflict)
        {
            details.Add(new ErrorInfo { Domain = "smscrm", Reason = "IDEMPOTENCY_CONFLICT", Metadata = { ["message_id"] = conflict.First.ToString() } });
        }

        return Status(code, message, details).ToRpcException();
    }

    public static RpcException InvalidArgument(params RequestViolation[] violations) => Exception(new IngestOutcome.Invalid(violations));

    public static RpcException Unavailable(string reason, TimeSpan retryAfter) => Exception(new IngestOutcome.Unavailable(reason, retryAfter, Id: null));

    public static void RefuseUnknownFields(IReadOnlyList<int> numbers)
    {
        if (numbers.Count > 0)
        {
            throw InvalidArgument([.. numbers.Select(static n => new RequestViolation($"field {n}", "is not known to this version: leave it out", IsReserved: true))]);
        }
    }

    private static (Code Code, string Message, TimeSpan RetryAfter) Describe(IngestOutcome outcome) => outcome switch
    {
        IngestOutcome.Invalid invalid => (
            invalid.Violations.All(static v => v.IsReserved) ? Code.Unimplemented : Code.InvalidArgument, Sentence(invalid.Violations), TimeSpan.Zero),
        IngestOutcome.Conflict conflict => (
            Code.AlreadyExists,
            $"The idempotency key belongs to another request, which became message {conflict.First}: use a new key for a new message.",
            TimeSpan.Zero),
        IngestOutcome.Busy busy => (
            Code.ResourceExhausted, busy.Reason, busy.RetryAfter),
        IngestOutcome.Unavailable unavailable => (Code.Unavailable, unavailable.Reason, unavailable.RetryAfter),
        _ => throw new InvalidOperationException($"No error for {outcome.GetType().Name}"),
    };

    private static string Sentence(IReadOnlyList<RequestViolation> violations) =>
        string.Concat(string.Join("; ", violations.Select(static v => $"{v.Field} {v.Detail}")), ".");

    private static BadRequest ToBadRequest(IReadOnlyList<RequestViolation> violations)
    {
        var bad = new BadRequest();
        bad.FieldViolations.AddRange(violations.Select(static v => new BadRequest.Types.FieldViolation { Field = v.Field, Description = v.Detail }));
        return bad;
    }

    private static Google.Rpc.Status Status(Code code, string message, List<IMessage> details)
    {
        var status = new Google.Rpc.Status { Code = (int)code, Message = message };
        status.Details.AddRange(details.Select(Any.Pack));
        return status;
    }
}
