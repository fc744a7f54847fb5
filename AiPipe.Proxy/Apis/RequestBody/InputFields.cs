using System.Text.Json;

namespace AiPipe.Proxy.Apis.RequestBody;

/// <summary>What a field inside the input means for its cost.</summary>
internal enum InputField : byte
{
    Other,
    Type,
    Role,
    Url,
    Data,
    Detail,
    ImageUrl,
    InputAudio,
    InlineData,
    MimeType,
    FileName,
    /// <summary>An object that contains <see cref="FileData"/>, or refers to a stored file.</summary>
    File,
    /// <summary>The file itself, as base64.</summary>
    FileData,
    /// <summary>Objects with field names of the caller's choice: always text.</summary>
    FreeForm,
    /// <summary>Stored files: the request does not reveal their tokens.</summary>
    StoredFile,
}

internal static class InputFields
{
    private const int LongestName = 16;

    /// <summary>The field whose name the reader is at.</summary>
    public static InputField Identify(ref Utf8JsonReader json)
    {
        if (json.ValueTextEquals("type"u8)) return InputField.Type;
        if (json.ValueTextEquals("role"u8)) return InputField.Role;
        if (json.ValueTextEquals("url"u8)) return InputField.Url;
        if (json.ValueTextEquals("data"u8)) return InputField.Data;
        if (json.ValueTextEquals("detail"u8)) return InputField.Detail;
        if (json.ValueTextEquals("image_url"u8)) return InputField.ImageUrl;
        if (json.ValueTextEquals("input_audio"u8)) return InputField.InputAudio;
        if (json.ValueTextEquals("inlineData"u8) || json.ValueTextEquals("inline_data"u8)) return InputField.InlineData;
        if (json.ValueTextEquals("mimeType"u8) || json.ValueTextEquals("mime_type"u8)) return InputField.MimeType;
        if (json.ValueTextEquals("filename"u8)) return InputField.FileName;
        if (json.ValueTextEquals("file_data"u8)) return InputField.FileData;
        if (json.ValueTextEquals("args"u8) || json.ValueTextEquals("response"u8) || json.ValueTextEquals("parameters"u8)
            || json.ValueTextEquals("input_schema"u8) || json.ValueTextEquals("env"u8)) return InputField.FreeForm;
        // Refers to an earlier audio output by id: https://platform.openai.com/docs/guides/audio
        if (json.ValueTextEquals("audio"u8)) return InputField.StoredFile;
        if (json.ValueTextEquals("file"u8)) return InputField.File;
        return IsMedia(ref json) ? InputField.StoredFile : InputField.Other;
    }

    /// <summary>True for the other names of media, in any case: some providers ignore case, and others know more spellings.</summary>
    private static bool IsMedia(ref Utf8JsonReader json)
    {
        if (json.ValueSpan.Length > LongestName * 6) return false;
        Span<char> name = stackalloc char[LongestName * 6];
        name = name[..json.CopyString(name)];
        if (name.Length > LongestName) return false;
        Span<char> plain = stackalloc char[LongestName];
        var length = 0;
        foreach (var letter in name)
        {
            if (letter != '_') plain[length++] = char.ToLowerInvariant(letter);
        }
        return plain[..length] is "fileid" or "fileurl" or "fileuri" or "filedata" or "videourl" or "imageurl"
            or "inputaudio" or "inlinedata" || (plain[..length] is "url" or "data" && length == name.Length);
    }
}
