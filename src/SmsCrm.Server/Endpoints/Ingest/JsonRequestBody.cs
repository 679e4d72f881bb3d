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
    public static RouteHandlerBuilder AcceptsJson<T>(this RouteHandlerBuilder endpoint)
        where T : notnull => endpoint
        .Accepts<T>(Json, Any)
        .AddOpenApiOperationTransformer(static (operation, _, _) =>
        {
            operation.RequestBody?.Content?.Remove(Any);
            return Task.CompletedTask;
        });
}
