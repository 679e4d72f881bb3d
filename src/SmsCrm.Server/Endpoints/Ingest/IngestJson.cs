using System.Text.Json.Serialization;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>A message that was accepted.</summary>
/// <param name="MessageId">UUIDv7, the id of the message in every API and event.</param>
/// <param name="ClientReference">As it was given; empty where none was.</param>
/// <param name="Repeated">True when the idempotency key was known: the id is the first message's.</param>
/// <param name="Segments">How many SMS segments the body takes as it stands.</param>
internal sealed record AcceptedJson(string MessageId, string ClientReference, bool Repeated, int Segments);

/// <summary>What is wrong with one field.</summary>
/// <param name="Field">Its name.</param>
/// <param name="Detail">What is wrong with which value, and the remedy.</param>
internal sealed record FieldErrorJson(string Field, string Detail);

/// <summary>One item's answer.</summary>
/// <param name="Index">Its position in the batch, from 0.</param>
/// <param name="Status">The HTTP status that it would have had alone: 202, 400, 409, 429 or 503.</param>
/// <param name="Message">With 202.</param>
/// <param name="Error">Else.</param>
internal sealed record BatchItemJson(int Index, int Status, AcceptedJson? Message, BatchErrorJson? Error);

/// <param name="ClientReference">As it was given; empty where none was.</param>
/// <param name="Detail">A sentence with the remedy.</param>
/// <param name="Errors">With 400: every violation.</param>
/// <param name="RetryAfterMs">With 429 and 503: milliseconds to wait before trying again.</param>
/// <param name="MessageId">With 409 the first message's id; with 503, where the fate is unknown, the id that a retry with the same key will have.</param>
internal sealed record BatchErrorJson(string ClientReference, string Detail, IReadOnlyList<FieldErrorJson>? Errors, int? RetryAfterMs, string? MessageId);

/// <summary>An answer for each item, in the order of the request.</summary>
/// <param name="Accepted">How many were accepted.</param>
/// <param name="Refused">How many were not.</param>
internal sealed record BatchJson(int Accepted, int Refused, IReadOnlyList<BatchItemJson> Results);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AcceptedJson))]
[JsonSerializable(typeof(BatchJson))]
[JsonSerializable(typeof(IReadOnlyList<FieldErrorJson>))]
internal sealed partial class IngestJsonContext : JsonSerializerContext;
