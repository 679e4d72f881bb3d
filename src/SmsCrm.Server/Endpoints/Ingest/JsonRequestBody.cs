using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>Says in the OpenAPI document what an endpoint reads by itself.</summary>
internal static class JsonRequestBody
{
    private const string Json = "application/json";
    private const string Any = "*/*";

    /// <summary>
    /// The body is JSON of that shape. Other media types are let through to the endpoint, which answers 415 with a sentence: routing
    /// would answer 404, because gRPC's endpoint for unknown methods matches too.
    /// </summary>
    public static RouteHandlerBuilder AcceptsJson<T>(this RouteHandlerBuilder endpoint, string example)
        where T : notnull => endpoint
        .Accepts<T>(Json, Any)
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if (operation.RequestBody?.Content is { } content)
            {
                content.Remove(Any);
                content[Json].Example = JsonNode.Parse(example);
            }

            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = IdempotencyHeader.Name,
                In = ParameterLocation.Header,
                Description = "1 to 255 characters, unique for 7 days: the same key with the same request answers with the first one's id, with another request it is a conflict.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 255 },
            });
            return Task.CompletedTask;
        });
}
