using System.Globalization;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>The header <c>Idempotency-Key</c>; a message may carry its key in its body instead.</summary>
internal static class IdempotencyHeader
{
    public const string Name = "Idempotency-Key";

    public static void Apply(HttpRequest http, SendRequest request, List<RequestViolation> violations)
    {
        if (Read(http, violations) is not { } key)
        {
            return;
        }

        if (request.IdempotencyKey.Length > 0 && request.IdempotencyKey != key)
        {
            violations.Add(new RequestViolation("idempotency_key", $"is '{request.IdempotencyKey}' while the header {Name} is '{key}': give one of them"));
        }

        request.IdempotencyKey = key;
    }

    /// <summary>A batch's key counts as key#index.</summary>
    public static void Apply(string? key, int index, SendRequest request, List<RequestViolation> violations)
    {
        if (key is null)
        {
            return;
        }

        if (request.IdempotencyKey.Length > 0)
        {
            violations.Add(new RequestViolation("idempotency_key", $"is '{request.IdempotencyKey}' while the batch has the header {Name}: give one of them"));
        }

        request.IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"{key}#{index}");
    }

    /// <summary>Null where there is none.</summary>
    public static string? Read(HttpRequest http, List<RequestViolation> violations)
    {
        var values = http.Headers[Name];
        if (values.Count == 0)
        {
            return null;
        }

        if (values.Count > 1 || string.IsNullOrWhiteSpace(values[0]))
        {
            violations.Add(new RequestViolation(Name, values.Count > 1 ? "is given more than once: give it once" : "is empty: give a key of 1 to 255 characters, or leave it out"));
            return null;
        }

        return values[0];
    }
}
