using Grpc.Core;
using Grpc.Core.Interceptors;
using SmsCrm.Server.Hosting;

namespace SmsCrm.Server.Problems;

/// <summary>What fails unexpectedly in a gRPC call: UNAVAILABLE where something is away, else INTERNAL with nothing of its insides.</summary>
internal sealed class GrpcErrors(ILogger<GrpcErrors> logger) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception failure) when (IsUnexpected(failure, context))
        {
            throw Translated(failure, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception failure) when (IsUnexpected(failure, context))
        {
            throw Translated(failure, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requestStream, responseStream, context);
        }
        catch (Exception failure) when (IsUnexpected(failure, context))
        {
            throw Translated(failure, context);
        }
    }

    private static bool IsUnexpected(Exception failure, ServerCallContext context) =>
        failure is not RpcException && !context.CancellationToken.IsCancellationRequested;

    private RpcException Translated(Exception failure, ServerCallContext context)
    {
        if (UnhandledErrors.IsAway(failure))
        {
            return new RpcException(new Status(StatusCode.Unavailable, "Something that this call needs does not answer at the moment: try again in a few seconds."));
        }

        var trace = ProblemServices.TraceId(context.GetHttpContext());
        Log.RequestFailed(logger, "gRPC", context.Method, trace, failure);
        return new RpcException(new Status(StatusCode.Internal, $"The call failed unexpectedly; tell the operators the trace {trace}. A retry with the same idempotency key is safe."));
    }
}
