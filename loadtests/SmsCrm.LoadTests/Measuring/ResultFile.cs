using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SmsCrm.LoadTests.Measuring;

/// <summary>Results as files, and the conditions that every one of them names.</summary>
internal static class ResultFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static string Machine { get; } =
        $"{System.Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, .NET {System.Environment.Version}";

    /// <summary>Of the last 1, 5 and 15 minutes, by which a run on a busy machine is known; empty where the system does not say.</summary>
    public static string LoadAverage => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Trim() : "";

    /// <summary>Writes a result as JSON and returns the file's path.</summary>
    /// <param name="name">What follows the time in the file's name.</param>
    public static string Save<T>(string folder, DateTimeOffset at, string name, T result)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{at:yyyy-MM-dd-HHmmss}-{name}.json");
        File.WriteAllText(path, JsonSerializer.Serialize(result, Json) + "\n");
        return path;
    }
}
