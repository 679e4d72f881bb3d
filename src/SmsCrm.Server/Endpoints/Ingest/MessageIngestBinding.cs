using Google.Protobuf;
using Grpc.Core;
using SmsCrm.Contracts.V1;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>
/// Binds the service so that bytes which are no protobuf are the caller's error. gRPC reads a request before any interceptor runs and
/// answers UNKNOWN, "exception was thrown by handler", where it fails.
/// </summary>
internal static class MessageIngestBinding
{
    /// <summary>Found by gRPC through the attribute on <see cref="MessageIngestService"/>; it gives no instance.</summary>
    public static void BindService(ServiceBinderBase binder, MessageIngest.MessageIngestBase? service) =>
        MessageIngest.BindService(new CheckedBinder(binder), service);

    private sealed class CheckedBinder(ServiceBinderBase binder) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            binder.AddMethod(Checked(method), handler);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
            binder.AddMethod(Checked(method), handler);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            binder.AddMethod(Checked(method), handler);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            binder.AddMethod(Checked(method), handler);

        private static Method<TRequest, TResponse> Checked<TRequest, TResponse>(Method<TRequest, TResponse> method)
            where TRequest : class
            where TResponse : class
        {
            var requests = method.RequestMarshaller;
            var marshaller = Marshallers.Create(requests.ContextualSerializer, context => Read(requests, context));
            return new Method<TRequest, TResponse>(method.Type, method.ServiceName, method.Name, marshaller, method.ResponseMarshaller);
        }

        private static TRequest Read<TRequest>(Marshaller<TRequest> requests, DeserializationContext context)
        {
            try
            {
                return requests.ContextualDeserializer(context);
            }
            catch (InvalidProtocolBufferException malformed)
            {
                throw new RpcException(new Status(
                    StatusCode.InvalidArgument, $"The message is not a readable {typeof(TRequest).Name}: {malformed.Message}"));
            }
        }
    }
}
