using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiPipe.Proxy.Money;

internal sealed class PicoUsdConverter : JsonConverter<PicoUsd>
{
    public override PicoUsd Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        PicoUsd.FromUsd(reader.GetDecimal());

    public override void Write(Utf8JsonWriter writer, PicoUsd value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.ToUsd());
}
