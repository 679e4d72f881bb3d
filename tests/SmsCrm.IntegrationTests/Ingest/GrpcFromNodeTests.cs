using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ingest;

/// <summary>
/// The gRPC API as another language's library meets it, with nothing but our .proto files: <c>tests/conformance/grpc.mjs</c>, on
/// <c>@grpc/grpc-js</c>. It stands in for grpcurl, which package registries don't carry.
/// </summary>
public sealed class GrpcFromNodeTests(GrpcFromNodeTests.Calls calls) : IClassFixture<GrpcFromNodeTests.Calls>
{
    [Theory]
    [InlineData("send", 2)]
    [InlineData("batch", 1)]
    [InlineData("stream", 1)]
    [InlineData("errors", 4)]
    public void A_client_of_another_library_is_understood_and_understands(string group, int checks)
    {
        Assert.SkipUnless(calls.Missing is null, calls.Missing ?? "");

        Assert.All(calls.Checks[group], check => Assert.True(check.Ok, $"{check.Name}: {check.Error}"));
        Assert.Equal(checks, calls.Checks[group].Count());
    }

    public sealed class Calls(PostgresFixture postgres) : IngestServer(postgres), IAsyncLifetime
    {
        public string? Missing { get; private set; }

        public ILookup<string, NodeCheck> Checks { get; private set; } = Array.Empty<NodeCheck>().ToLookup(check => check.Group);

        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            Missing = await NodeScripts.WhyNotAsync();
            await InitializeAsync();
            if (Missing is null)
            {
                var protos = Path.Combine(Checkout.Root, "src", "SmsCrm.Contracts", "Protos");
                Checks = await NodeScripts.ChecksAsync("grpc.mjs", GrpcAddress.Authority, Key, protos);
            }
        }
    }
}
