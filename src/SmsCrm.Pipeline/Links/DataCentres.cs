using System.Collections.Frozen;
using System.Globalization;

namespace SmsCrm.Pipeline.Links;

/// <summary>The autonomous systems whose addresses are taken for programs': <c>data-centres.csv</c> of this room, and what the settings add and take out.</summary>
internal sealed class DataCentres(LinksOptions options)
{
    private readonly FrozenSet<long> _numbers = Known.Concat(options.MoreDataCentres).Except(options.NoDataCentres).ToFrozenSet();

    /// <summary>Those of the list.</summary>
    public static IReadOnlyList<long> Known { get; } = Read();

    public bool Has(long number) => _numbers.Contains(number);

    private static long[] Read()
    {
        using var stream = typeof(DataCentres).Assembly.GetManifestResourceStream(typeof(DataCentres), "data-centres.csv")
            ?? throw new InvalidOperationException("data-centres.csv is not in the assembly");
        using var reader = new StreamReader(stream);
        return
        [
            .. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => line[0] != '#')
                .Select(static line => long.Parse(line.AsSpan(0, line.IndexOf(',')), CultureInfo.InvariantCulture)),
        ];
    }
}
