using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using SmsCrm.Server.Hosting;

namespace SmsCrm.UnitTests.Server.Hosting;

public sealed class PortGuardTests
{
    private static readonly object Rest = "rest";
    private static readonly object Metrics = OnMetricsPort.Mark;
    private static readonly object Rpc = new GrpcMethodMetadata(
        typeof(object), new Method<string, string>(MethodType.Unary, "s", "m", Marshallers.StringMarshaller, Marshallers.StringMarshaller));

    [Theory]
    [InlineData("rest", 8080, true)]
    [InlineData("rest", 8081, false)]
    [InlineData("rest", 9090, false)]
    [InlineData("rpc", 8081, true)]
    [InlineData("rpc", 8080, false)]
    [InlineData("metrics", 9090, true)]
    [InlineData("metrics", 8080, false)]
    public async Task An_endpoint_answers_on_its_own_local_port_alone(string kind, int localPort, bool answers)
    {
        var context = ContextOf(kind switch { "rest" => Rest, "rpc" => Rpc, _ => Metrics }, localPort);

        // What a caller says of itself does not count.
        context.Request.Host = new HostString("localhost", kind switch { "rest" => 8080, "rpc" => 8081, _ => 9090 });

        Assert.Equal(answers, await PassesAsync(context));
        Assert.Equal(answers ? 200 : 404, context.Response.StatusCode);
    }

    [Fact]
    public async Task What_has_no_endpoint_is_left_to_the_rest_of_the_pipeline() => Assert.True(await PassesAsync(new DefaultHttpContext()));

    private static async Task<bool> PassesAsync(HttpContext context)
    {
        var passed = false;
        var guard = new PortGuard(
            _ =>
            {
                passed = true;
                return Task.CompletedTask;
            },
            Options.Create(new ServerOptions()));
        await guard.InvokeAsync(context);
        return passed;
    }

    private static DefaultHttpContext ContextOf(object metadata, int localPort)
    {
        var context = new DefaultHttpContext();
        context.Connection.LocalPort = localPort;
        context.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(metadata), "test"));
        return context;
    }
}
