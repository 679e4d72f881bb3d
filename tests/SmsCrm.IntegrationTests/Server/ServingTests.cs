using System.Globalization;
using System.Net;

namespace SmsCrm.IntegrationTests.Server;

public sealed class ServingTests(CrmServer server) : IClassFixture<CrmServer>
{
    [Fact]
    public async Task Readiness_tells_each_role_and_each_dependency_that_it_needs()
    {
        var (status, body) = await server.GetHealthAsync("/health/ready");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(body.GetProperty("roles").GetProperty("crm").GetProperty("ready").GetBoolean());
        Assert.Equal(["postgres", "schema"], body.GetProperty("dependencies").EnumerateArray().Select(d => d.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task A_role_that_this_process_does_not_serve_is_a_bad_request() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await server.GetHealthAsync("/health/ready?role=send")).Status);

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/health/ready")]
    [InlineData("/health/live")]
    public async Task Metrics_and_health_are_on_their_port_alone_whatever_the_Host_header_says(string path)
    {
        var host = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{server.MetricsPort}");

        using var there = await server.GetRawAsync(server.MetricsPort, path);
        using var elsewhere = await server.GetRawAsync(server.HttpPort, path, host);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (there.StatusCode, elsewhere.StatusCode));
    }

    [Theory]
    [InlineData("/v1/messages")]
    [InlineData("/docs/")]
    [InlineData("/openapi/v1.json")]
    public async Task The_API_is_not_on_the_metrics_port(string path)
    {
        using var answer = await server.GetRawAsync(server.MetricsPort, path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task The_document_names_every_report_and_how_to_authenticate()
    {
        var (_, document) = await server.GetAsync("/openapi/v1.json");

        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString());
        Assert.Superset(
            new HashSet<string> { "/v1/messages", "/v1/messages/{id}", "/v1/reports/summary" },
            document.GetProperty("paths").EnumerateObject().Select(p => p.Name).ToHashSet());
        Assert.Equal("bearer", document.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer").GetProperty("scheme").GetString());
    }

    [Theory]
    [InlineData("/v1/messages")]
    [InlineData("/v1/messages/01900000-0000-7000-8000-000000000000")]
    [InlineData("/v1/reports/summary")]
    public async Task Nothing_is_read_without_a_key(string path)
    {
        var (status, problem) = await server.GetAsync(path, key: "smscrm_unknown");

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Equal(401, problem.GetProperty("status").GetInt32());
    }
}
