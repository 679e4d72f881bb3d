namespace SmsCrm.Pipeline.Receipts.Inbound;

/// <summary>A picture or another file that came with a recipient's text. It lies at the provider, and is never fetched from here.</summary>
/// <param name="ContentType">As the provider says it, such as <c>image/jpeg</c>; empty where it is not known, or is no media type of up to 100 characters.</param>
/// <param name="Url">Where it lies: https, up to 2,048 characters; empty where it is not known, or is no such address.</param>
public sealed record InboundMedia(string ContentType, string Url);
