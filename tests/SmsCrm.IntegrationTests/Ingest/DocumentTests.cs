using System.Text.Json;
using SmsCrm.Server.Endpoints.Ingest;

namespace SmsCrm.IntegrationTests.Ingest;

/// <summary>The OpenAPI document says what the endpoints, which read their bodies themselves, really take.</summary>
public sealed class DocumentTests(IngestServer server) : IClassFixture<IngestServer>
{
    [Theory]
    [InlineData("/v1/messages", "MessageBody", "200")]
    [InlineData("/v1/messages/batch", "BatchBody", "202")]
    public async Task Sending_is_documented_with_body_example_key_and_errors(string path, string schema, string notAnswered)
    {
        var operation = (await DocumentAsync()).GetProperty("paths").GetProperty(path).GetProperty("post");

        var content = Assert.Single(operation.GetProperty("requestBody").GetProperty("content").EnumerateObject());
        Assert.Equal("application/json", content.Name);
        Assert.EndsWith(schema, content.Value.GetProperty("schema").GetProperty("$ref").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Object, content.Value.GetProperty("example").ValueKind);
        Assert.Equal("Idempotency-Key", Assert.Single(operation.GetProperty("parameters").EnumerateArray()).GetProperty("name").GetString());
        var answers = operation.GetProperty("responses").EnumerateObject().Select(static r => r.Name).ToList();
        Assert.Superset(new HashSet<string> { "400", "401", "413", "415", "503" }, answers.ToHashSet());
        Assert.DoesNotContain(notAnswered, answers);
    }

    [Fact]
    public async Task The_documented_fields_are_those_that_are_read()
    {
        var message = (await DocumentAsync()).GetProperty("components").GetProperty("schemas").GetProperty("MessageBody");

        Assert.Equal(MessageJson.Fields.Split(", ").Order(), message.GetProperty("properties").EnumerateObject().Select(static p => p.Name).Order());
        Assert.Equal(["body", "purpose", "to"], message.GetProperty("required").EnumerateArray().Select(static r => r.GetString()).Order());
    }

    private async Task<JsonElement> DocumentAsync() => JsonDocument.Parse(await server.Http.GetStringAsync("/openapi/v1.json")).RootElement;
}
