using System.Text.Json;
using System.Text.Json.Serialization;

namespace SmsCrm.Server.Hosting;

/// <summary>How the REST API spells JSON: snake_case, times in UTC, what is absent is left out.</summary>
internal static class RestJson
{
    public static IServiceCollection AddRestJson(this IServiceCollection services) => services.ConfigureHttpJsonOptions(json =>
    {
        json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
    });
}
